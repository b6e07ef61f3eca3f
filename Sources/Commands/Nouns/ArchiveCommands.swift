import ArgumentParser
import Client
import Contract
import Kernel

extension OrganizationCommand {
  struct Export: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Take an organization along: everything of it in one file, without secrets.",
      discussion: "An operator of another installation takes it in with: guildhall org import FILE. The file holds names and addresses; keep it well.")
    @Option(help: ArgumentHelp("The file; the standard output when absent.", valueName: "file")) var file: String?
    @Flag(help: "Replace the file if there is one.") var force = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      if let file, file != "-", !force, PlainFile.exists(file) {
        throw Problem(.unusableFile, "\(file) exists. Choose another file, or replace it with --force.")
      }
      let archive = try await invocation.withFreshSignIn { client async throws(Problem) in
        try await client.beingPatient.call(API.Archives.export, path: path)
      }
      let bytes = try WireCoding.encode(archive) + [UInt8(ascii: "\n")]
      guard let file, file != "-" else { return try invocation.terminal.write(String(decoding: bytes, as: UTF8.self)) }
      let output = try ReplacedFile(file, mode: 0o600)
      try output.write(bytes)
      try output.finish()
      invocation.printer.say("Wrote \(archive.organization.name.text.onOneLine) with \(archive.members.count.of("member", "members")) to \(file).")
    }
  }

  struct Import: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "import", abstract: "Take an organization in from an archive, whole or not at all (operators).",
      discussion: """
        Who has a proven address of somebody in the archive is that person; all others get an account without a password, and set one by "forgot password". \
        --key takes only a log that this key signed; guildhall audit keys shows it on the installation the archive comes from.
        """)
    @Argument(help: "The archive that guildhall org export wrote.") var file: String
    @Option(help: ArgumentHelp("Its name in addresses here, where its own is taken.", valueName: "slug")) var slug: String?
    @Option(help: ArgumentHelp("The public key that must have signed its log.", valueName: "key")) var key: String?
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let content = try PlainFile.read(file, limit: API.Archives.sizeLimit) else { throw Problem(.unusableFile, "There is no file \(file).") }
      let archive = try WireCoding.decode(Wire.Archive.self, from: content.bytes)
      let client = try invocation.client().beingPatient
      let made = try await client.call(API.Archives.import, path: Nothing(), query: Wire.ImportQuery(slug: slug, key: key), body: archive)
      let people = "\(made.created.of("account was", "accounts were")) made, \(made.matched.of("person", "people")) had one"
      try invocation.printer.made(
        "\(made.organization.name.onOneLine) is here, with \(made.organization.memberCount.of("member", "members")): \(people).", made,
        named: made.organization.slug)
    }
  }
}

extension GuildhallClient {
  /// For documents that take the server a while.
  fileprivate var beingPatient: GuildhallClient {
    var client = self
    client.patience = .minutes(10)
    return client
  }
}
