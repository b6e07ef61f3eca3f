public import Kernel
import Markup

/// A mail as a feature asks for it: one purpose, a few paragraphs, one button. Text and HTML are made from the same words.
public struct MailDraft: Sendable, Hashable {
  public let purpose: Purpose
  public let recipient: EmailAddress
  public let recipientName: DisplayName?
  /// On whose behalf it goes out.
  public let organization: ID<Organization>?
  public let subject: String
  public let paragraphs: [String]
  public let button: Button?
  /// Completes "You get this mail because …".
  public let reason: String

  public enum Purpose: String, Sendable, Hashable, CaseIterable {
    case invitation
    case collaboration
    case emailVerification = "email-verification"
    case passwordReset = "password-reset"
    case securityNotice = "security-notice"
    case organizationDeleted = "organization-deleted"
    case memberAdded = "member-added"
    case joinRequest = "join-request"
    case joinAnswer = "join-answer"
    case creditAlert = "credit-alert"
    case elevationRequest = "elevation-request"
    case elevationAnswer = "elevation-answer"
  }

  public struct Button: Sendable, Hashable {
    public let label: String
    public let link: String

    public init(_ label: String, link: String) {
      self.label = label
      self.link = link
    }
  }

  public init(
    _ purpose: Purpose, to recipient: EmailAddress, name: DisplayName?, organization: ID<Organization>? = nil, subject: String, paragraphs: [String], button: Button? = nil,
    because reason: String
  ) {
    self.purpose = purpose
    self.recipient = recipient
    recipientName = name
    self.organization = organization
    self.subject = subject
    self.paragraphs = paragraphs
    self.button = button
    self.reason = reason
  }

  /// What is read where HTML isn't.
  public var text: String {
    var parts = recipientName.map { ["Hello \($0),"] } ?? []
    parts += paragraphs
    if let button { parts.append("\(button.label):\n\(button.link)") }
    parts.append("You get this mail because \(reason).")
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// The same words as `text`, with a button and the link in full below it. Mail programs know no style sheets, so it relies on none.
  public var html: String {
    let page = document(lang: "en") {
      head {
        charset()
        title(subject)
      }
      body {
        if let recipientName { p { "Hello \(recipientName)," } }
        for paragraph in paragraphs { p { paragraph } }
        if let button {
          if let link = Link(web: button.link) {
            p { strong { a(href: link) { button.label } } }
            p { a(href: link) { button.link } }
          }
        }
        hr()
        p { small { "You get this mail because \(reason)." } }
      }
    }
    return String(decoding: page.bytes, as: UTF8.self)
  }
}
