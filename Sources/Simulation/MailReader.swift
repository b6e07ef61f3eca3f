import ControlPlane
import Kernel

/// Reads the mails that people got, as people do: for the links in them.
struct MailReader {
  private var count = 0
  /// The latest link that proves an address, by account.
  private(set) var verifications: [Int: String] = [:]
  /// The secrets of the links that restore an organization.
  private(set) var restoreLinks: [String: Books.RestoreLink] = [:]

  mutating func read(_ taken: [MailMessage], _ books: Books) {
    for message in taken.dropFirst(count) {
      if let secret = Self.secret(in: message.text, behind: "/verify?token=") {
        // Who has the address today may be somebody newer than the mail.
        let account = books.accounts.indices.last { Books.address(of: books.accounts[$0].person) == message.to.text && books.accounts[$0].created <= message.date.milliseconds }
        if let account { verifications[account] = secret }
      } else if let secret = Self.secret(in: message.text, behind: "/restore?token="), let name = message.subject.split(separator: " ").dropFirst().first, let house = Int(name)
      {
        // The mail tells the end to the minute; it is thirty days from the deletion, which wrote the mail.
        restoreLinks[secret] = Books.RestoreLink(house: house, ends: (message.date + .days(30)).milliseconds)
      }
    }
    count = taken.count
  }

  private static func secret(in text: String, behind mark: String) -> String? {
    guard let line = text.split(separator: "\n").first(where: { $0.contains(mark) }), let place = line.firstRange(of: mark) else { return nil }
    return String(line[place.upperBound...])
  }
}
