import Authorization
import Kernel
import Markup

/// The mails that would go out, for a demonstration without a mail server.
struct OutboxPages: Sendable {
  let plane: ControlPlane

  /// None outside of a demonstration: mails carry links that open things.
  var pages: [PageRoute] {
    guard plane.settings.isDemonstration else { return [] }
    return [
      .page("/outbox") { visit async throws(Problem) in
        let page = try await plane.read(as: visit.caller) { work in try work.outbox.list(visit.page) }
        let now = plane.world.clock()
        return .page(
          ConsolePage("Outgoing mail", in: .plain) {
            plainHeader("Outgoing mail", "This is a demonstration: nothing leaves this machine. What would have been sent stands here.")
            if page.items.isEmpty {
              emptyState("No mail yet", "Invite somebody, and the mail with their link appears here.")
            } else {
              dataTable(
                "Outgoing mail", [Column("To"), Column("Subject"), Column("Written")],
                page.items.map { entry in TableRow(HTML(entry.recipient.text), a(href: "/outbox/\(entry.id)") { entry.subject }, relativeTime(entry.createdAt, now: now)) })
              pagination(shown: page.items.count, total: page.total, "mail", next: page.next.map { ("/outbox" as Link).adding("cursor", $0.description) })
            }
            p(.class("aside")) { a(href: "/") { "To the console" } }
          })
      },
      .page("/outbox/{mail}") { visit async throws(Problem) in .page(mailPage(try await mail(visit))) },
    ]
  }

  private func mail(_ visit: Visit) async throws(Problem) -> (entry: OutboxEntry, text: String) {
    try await plane.read(as: visit.caller) { work in
      guard let mail = try work.outbox.find(.named(visit.parameter("mail"))), let content = try work.outbox.open(mail.content, of: mail.entry.id) else {
        throw Problem(.missing, "There is no such mail.")
      }
      return (mail.entry, content.text)
    }
  }

  private func mailPage(_ mail: (entry: OutboxEntry, text: String)) -> ConsolePage {
    ConsolePage(mail.entry.subject, in: .plain) {
      plainHeader(HTML(mail.entry.subject), "To \(mail.entry.recipient)")
      for paragraph in mail.text.split(separator: "\n\n") { p { linked(String(paragraph)) } }
      p(.class("aside")) { a(href: "/outbox") { "All outgoing mail" } }
    }
  }

  /// The text, with the address in its last line as a link.
  private func linked(_ paragraph: String) -> HTML {
    let lines = paragraph.split(separator: "\n")
    guard lines.count == 2, lines[1].hasPrefix(plane.settings.publicURL), let link = Link(local: lines[1].dropFirst(plane.settings.publicURL.count)) else { return HTML(paragraph) }
    return linkButton(String(lines[0].dropLast()), href: link, .primary)
  }
}
