import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import TestSupport
import Testing

@testable import Server

/// Every form of every page, filled in by somebody who means no good, or who presses twice.
@Suite struct EveryFormTests {
  static let hostile = "\"><b class=\"injected\">שלום</b><script>alert(1)</script> 🏛 &amp;"

  @Test(
    "Every field of every form takes anything, twice: nothing breaks, no markup gets in, and no answer sends the form again when it is reloaded",
    arguments: [hostile, String(repeating: "x", count: 10_000), "\u{202E}\u{200B}א", "-1"])
  func anything(text: String) async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      var seen: Set<String> = []
      for person in [Hall.Person.nobody, .admin] {
        for route in hall.pages where route.method == .get && !route.isPassage {
          let page = try await client.send(.get, try #require(hall.path(route)), hall.headers(of: person))
          guard page.headers[.contentType]?.hasPrefix("text/html") == true else { continue }
          for form in PageForm.all(in: page.text) where !form.typed.isEmpty && seen.insert("\(person) \(form.action) \(form.typed)").inserted {
            for _ in 1...2 {
              let answer = try await hall.post(client, form.action, form.filled(with: text), as: person)
              #expect(answer.status.code == 303 || (400..<500).contains(answer.status.code), "\(form.action): \(answer.status)")
              guard answer.headers[.contentType]?.hasPrefix("text/html") == true, answer.status != .seeOther else { continue }
              #expect(MarkupChecker(Array(answer.body.readableBytesView)).findings == [], "\(form.action)")
              #expect(!answer.text.contains("<b class=\"injected\">"), "\(form.action)")
            }
          }
        }
      }
      #expect(seen.count > 25, "\(seen.sorted())")
    }
  }
}

/// A form as it stands in a page.
struct PageForm {
  let action: String
  /// The markup within.
  let content: String
  /// What it carries by itself.
  let hidden: [(String, String)]
  /// What somebody types or chooses.
  let typed: [String]

  static func all(in page: String) -> [PageForm] {
    page.matches(of: /<form method="post" action="([^"]*)"[^>]*>(.*?)<\/form>/.dotMatchesNewlines()).compactMap { form in
      var hidden: [(String, String)] = []
      var typed: [String] = []
      for field in form.2.matches(of: /<(input|textarea|select)([^>]*) name="([^"]*)"([^>]*)>/) {
        let (name, attributes) = (String(field.3), "\(field.2) \(field.4)")
        if attributes.contains("type=\"hidden\"") {
          if name != "csrf" { hidden.append((name, attributes.firstMatch(of: /value="([^"]*)"/).map { String($0.1) } ?? "")) }
        } else if !attributes.contains("type=\"file\"") {
          typed.append(name)
        }
      }
      return PageForm(action: String(form.1).replacing("&amp;", with: "&"), content: String(form.2), hidden: hidden, typed: typed)
    }
  }

  func filled(with text: String) -> [(String, String)] { hidden + typed.map { ($0, text) } }
}
