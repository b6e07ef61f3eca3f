import Cedar
import Testing

/// No comment is lost by formatting, and each stays beside what it stood beside.
@Suite struct CommentTests {
  @Test(arguments: [
    ("context has a && // why\ncontext.a has b", "context has a.b", "// why"),
    ("context has a. // why\nb && true", "context has a.b &&", "// why"),
    ("context.a // why\n.b.c == 1", "context.a.b.c ==", "// why"),
    ("principal.x.contains(1 // one\n) && true", "1", "// one"),
  ])
  func `a comment within what is written as one stands before it`(condition: String, what: String, comment: String) throws {
    let formatted = try Formatter().format("permit(principal, action, resource) when { \(condition) };")
    #expect(formatted.contains("\(comment)\n") && formatted.contains(what), "\(formatted)")
  }

  @Test func `comments keep their places`() throws {
    let text = """
      // The file.

      // The first.
      @id("a") // its name
      // What it does.
      permit ( // all of them
        principal, // anyone
        // Reading alone.
        action == Action::"view",
        resource // of any kind
      ) // the end of the scope
      // Why.
      when { // inside
        context.mfa && // signed in twice
        // During the day.
        context.hour > 8 // from eight
        && context.hour < 18 // to six
      } // the end of it
      unless {
        [ // numbers
          1, // one
          2 // two
          // and no more
        ].contains(context.n) // no
        || {
          // the name
          name: 1, // one
          // the last
          other: 2
        } == context.r
      }; // the end
      // The second.
      forbid(principal, action, resource);
      // Last.
      """
    let formatted = try Formatter(width: 60).format(text)
    #expect(
      formatted == """
        // The file.
        // The first.
        @id("a") // its name
        // What it does.
        permit (
          // all of them
          principal, // anyone
          // Reading alone.
          action == Action::"view",
          // of any kind
          resource
        ) // the end of the scope
        // Why.
        when {
          // inside
          context.mfa && // signed in twice
          // During the day.
          context.hour > 8 && // from eight
          context.hour < 18
          // to six
        } // the end of it
        unless {
          [
            // numbers
            1, // one
            2
            // two
            // and no more
          ].contains(context.n) || // no
          {
            // the name
            name: 1, // one
            // the last
            other: 2
          } ==
            context.r
        }; // the end

        // The second.
        forbid (
          principal,
          action,
          resource
        );

        // Last.

        """)
    #expect(try Formatter(width: 60).format(formatted) == formatted)
  }

  @Test(arguments: 0..<6)
  func `a comment anywhere stays beside its neighbours`(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    // With a blank between all tokens.
    let sources = [
      #"@ id ( "a" ) @ note ( "b" ) permit ( principal is User in Team :: "core" , action in [ Action :: "view" , Action :: "edit" ] , resource ) when { context has a . b . c && context . a . b [ "x-y" ] . c == 1 } unless { principal . tags . contains ( "x" ) || ( 1 + 2 * 3 > 4 && ! ( true || context . mfa ) ) } ;"#,
      #"forbid ( principal , action , resource ) when { if context . mfa then [ 1 , 2 , principal . age ] . containsAny ( { a : [ 3 ] , "b-c" : 4 } . a ) else ip ( "10.0.0.1" ) . isInRange ( context . ip ) } when { resource . owner . hasTag ( "t" ) && resource . owner . getTag ( "t" ) . name like "a*" && principal is User } ;"#,
    ]
    for _ in 0..<60 {
      let source = sources[Int.random(in: 0..<sources.count, using: &random)]
      let tokens = source.split(separator: " ").map(String.init)
      var text = ""
      var marks: [(before: Int, comment: String)] = []
      for (number, token) in tokens.enumerated() {
        text += token + " "
        guard Int.random(in: 0..<12, using: &random) == 0 else { continue }
        let comment = "// comment \(marks.count) "
        marks.append((number, comment))
        text += (Bool.random(using: &random) ? "\n" : "") + comment + "\n"
      }
      let formatted = try Formatter(width: 60).format(text)
      #expect(try PolicySet(parsing: formatted) == PolicySet(parsing: source), "\(formatted)")
      #expect(try Formatter(width: 60).format(formatted) == formatted, "\(formatted)")
      let lines = formatted.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let found = lines.compactMap { line in line.firstRange(of: "// comment ").map { String(line[$0.lowerBound...]) } }
      // All of them, in their order.
      #expect(found == marks.map { String($0.comment.dropLast()) }, "\(text)\n\(formatted)")
      for (before, comment) in marks {
        guard let line = lines.firstIndex(where: { "\($0) ".contains(comment) }) else { continue }
        func isSaid(_ token: Substring) -> Bool { token.contains { $0.isLetter || $0.isNumber } }
        let neighbours = [tokens[...before].last(where: { isSaid($0[...]) }), tokens[(before + 1)...].first { isSaid($0[...]) }].compactMap(\.self)
        // Lines of comments that stand together belong to what stands around them.
        func isCode(_ line: String) -> Bool { isSaid(line[..<(line.firstRange(of: "//")?.lowerBound ?? line.endIndex)]) }
        let above = lines[..<line].last(where: isCode) ?? ""
        let below = lines[(line + 1)...].first(where: isCode) ?? ""
        #expect(neighbours.contains { word in [above, lines[line], below].contains { $0.contains(word) } }, "\(comment) beside \(neighbours)\n\(text)\n\(formatted)")
      }
    }
  }
}
