import ArgumentParser
import Testing

@testable import Commands

/// What helps say can be typed.
@Suite struct ExampleTests {
  /// The examples of a command and of all below it.
  private static func examples(_ command: any ParsableCommand.Type) -> [String] {
    let configuration = command.configuration
    let own = configuration.discussion.split(separator: "\n").compactMap { line -> String? in
      let start = "Example: guildhall "
      return line.hasPrefix(start) ? String(line.dropFirst(start.count)) : nil
    }
    return own + (configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)).flatMap { examples($0) }
  }

  /// The words of a line as a shell takes them: quotes hold spaces together; what follows a pipe or a redirection is the shell's.
  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    var (word, quote): (String?, Character?) = (nil, nil)
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        (quote, word) = (character, word ?? "")
      } else if character == " " {
        if let found = word { words.append(found) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return Array(words.prefix { !["|", ">", "<", "&&"].contains($0) })
  }

  @Test func `Every example of a help can be read`() {
    let examples = Self.examples(GuildhallCommand<NoLocalCommands>.self)
    #expect(examples.count > 50)
    for example in examples {
      do { _ = try GuildhallCommand<NoLocalCommands>.parseAsRoot(Self.words(example)) } catch { Issue.record("guildhall \(example): \(GuildhallCommand<NoLocalCommands>.message(for: error))") }
    }
  }
}
