import Client
import Contract
import Foundation
import Kernel
import Testing

@testable import Commands

@Suite("Where a command works")
struct SettingsTests {
  private func settings(_ change: (inout Settings.Said) -> Void = { _ in }, environment: [String: String] = [:]) throws -> Settings {
    var said = Settings.Said(file: .signedIn, variable: { environment[$0] })
    change(&said)
    return try Settings(said)
  }

  private func project(_ content: ProjectFile.Content) -> ProjectFile { ProjectFile(path: "/work/.guildhall.json", content: content) }

  @Test func theCurrentContextIsTheLastWord() throws {
    let settings = try settings()
    #expect(settings.server?.value.description == "https://guildhall.example.org")
    #expect(settings.token == .init(value: "gld_pat_home", source: .context("home")))
    #expect(settings.organization == .init(value: "acme", source: .context("home")))
  }

  @Test func flagGoesBeforeEnvironmentBeforeProjectBeforeContext() throws {
    let content = ProjectFile.Content(host: "https://project.example.org", context: nil, organization: "from-project")
    let environment = ["GUILDHALL_HOST": "https://env.example.org", "GUILDHALL_ORG": "from-env"]
    let all = try settings({ ($0.hostFlag, $0.project) = ("https://flag.example.org", project(content)) }, environment: environment)
    #expect(all.server?.source == .flag("--host"))
    #expect(all.organization == .init(value: "from-env", source: .environment("GUILDHALL_ORG")))
    let two = try settings({ $0.project = project(content) }, environment: environment)
    #expect(two.server?.source == .environment("GUILDHALL_HOST"))
    let one = try settings { $0.project = project(content) }
    #expect(one.server?.source == .project(path: "/work/.guildhall.json"))
    #expect(one.organization?.value == "from-project")
  }

  @Test func aTokenGoesOnlyToTheServerItCameFrom() throws {
    #expect(try settings { $0.hostFlag = "https://elsewhere.example.org" }.token == nil)
    #expect(try settings { $0.hostFlag = "https://work.example.org" }.token?.value == "gld_pat_work")
    #expect(try settings { ($0.contextFlag, $0.hostFlag) = ("home", "https://work.example.org") }.token?.value == "gld_pat_work")
    #expect(try settings { ($0.contextFlag, $0.hostFlag) = ("home", "https://elsewhere.example.org") }.token == nil)
    #expect(try settings { $0.project = project(.init(host: "https://evil.example.org")) }.token == nil)
  }

  @Test func aFolderFromElsewhereCanNotFetchTheTokenOfTheEnvironment() throws {
    let content = ProjectFile.Content(host: "https://evil.example.org", context: nil, organization: nil)
    #expect(throws: Problem.self) { try settings({ $0.project = project(content) }, environment: ["GUILDHALL_TOKEN": "gld_pat_env"]) }
    let known = ProjectFile.Content(host: "https://work.example.org", context: nil, organization: nil)
    #expect(try settings({ $0.project = project(known) }, environment: ["GUILDHALL_TOKEN": "gld_pat_env"]).token?.value == "gld_pat_env")
    let trusted = try settings({ $0.project = project(content) }, environment: ["GUILDHALL_TOKEN": "gld_pat_env", "GUILDHALL_HOST": "https://evil.example.org"])
    #expect(trusted.token?.value == "gld_pat_env")
  }

  @Test func theEnvironmentsTokenGoesBeforeTheStoredOne() throws {
    #expect(try settings(environment: ["GUILDHALL_TOKEN": "gld_pat_env"]).token == .init(value: "gld_pat_env", source: .environment("GUILDHALL_TOKEN")))
  }

  @Test func contextsAreChosenByFlagEnvironmentAndProject() throws {
    #expect(try settings { $0.contextFlag = "work" }.contextName == "work")
    #expect(try settings(environment: ["GUILDHALL_CONTEXT": "work"]).contextName == "work")
    #expect(try settings { $0.project = project(.init(context: "work")) }.contextName == "work")
    let problem = try #require(throws: Problem.self) { try settings { $0.contextFlag = "nowhere" } }
    #expect(problem.detail.contains("home, work"))
  }

  @Test func whatPinsTheOrganizationIsKnown() throws {
    #expect(try settings().organizationPin == nil)
    #expect(try settings(environment: ["GUILDHALL_ORG": "x"]).organizationPin == .environment("GUILDHALL_ORG"))
    #expect(try settings { $0.project = project(.init(organization: "x")) }.organizationPin == .project(path: "/work/.guildhall.json"))
  }

  @Test func nothingAtAllIsNoError() throws {
    let settings = try Settings(Settings.Said())
    #expect(settings.server == nil && settings.token == nil && settings.organization == nil)
  }
}

@Suite("The files of the command line")
struct ConfigurationFileTests {
  private func write(_ text: String, to path: String, mode: Int = 0o600) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let stage = try Stage(config: nil)
    #expect(try stage.store.read() == ConfigurationFile())
    try stage.store.update { $0 = .signedIn }
    #expect(try stage.store.read() == .signedIn)
  }

  @Test func onlyItsOwnerCanReadIt() throws {
    let stage = try Stage()
    let attributes = try FileManager.default.attributesOfItem(atPath: stage.store.path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  @Test func aFileWithTokensThatOthersCanReadIsRefused() async throws {
    let stage = try Stage()
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: stage.store.path)
    #expect(await stage.run("status") == .failure)
    #expect(stage.errors.contains("chmod 600 \(try stage.store.path)"))
  }

  @Test func aFileWithoutTokensMayBeReadByAll() throws {
    let stage = try Stage(config: nil)
    try write(#"{"contexts":{"home":{"host":"https://a.example.org"}}}"#, to: stage.store.path, mode: 0o644)
    #expect(try stage.store.read().contexts["home"]?.host == "https://a.example.org")
  }

  @Test(arguments: ["{", "[]", "nonsense", #"{"contexts":[]}"#, #"{"contexts":{"x":{}}}"#, #"{"contexts":{},"tokns":1}"#, #"{"contexts":{"x":{"host":7}}}"#, "\u{FEFF}{}", "{\"contexts\":{}}{}"])
  func aBrokenFileIsToldWithItsPath(text: String) throws {
    let stage = try Stage(config: nil)
    try write(text, to: stage.store.path)
    let problem = try #require(throws: Problem.self) { try stage.store.read() }
    #expect(problem.detail.hasPrefix("\(try stage.store.path) can't be understood: "))
  }

  @Test func anEmptyFileIsLikeNone() throws {
    let stage = try Stage(config: nil)
    try write(" \n", to: stage.store.path)
    #expect(try stage.store.read() == ConfigurationFile())
  }

  @Test func aFolderInItsPlaceIsTold() throws {
    let stage = try Stage(config: nil)
    try FileManager.default.createDirectory(atPath: stage.store.path, withIntermediateDirectories: true)
    #expect(try #require(throws: Problem.self) { try stage.store.read() }.detail.contains("is a folder"))
  }

  @Test func aSymbolicLinkStaysOne() throws {
    let stage = try Stage(config: nil)
    let real = stage.folder + "/dotfiles.json"
    try write("{\"contexts\":{}}", to: real)
    try FileManager.default.createSymbolicLink(atPath: stage.store.path, withDestinationPath: real)
    try stage.store.update { $0 = .signedIn }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: stage.store.path) == real)
    #expect(try stage.store.read() == .signedIn)
  }

  @Test func changesMadeAtOnceAreAllKept() async throws {
    let stage = try Stage(config: nil)
    let store = try stage.store
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<20 { group.addTask { try store.update { $0.contexts["c\(number)"] = .init(host: "https://h\(number).example.org") } } }
      try await group.waitForAll()
    }
    #expect(try store.read().contexts.count == 20)
  }

  @Test func aFailedChangeLeavesNothingBehind() throws {
    let stage = try Stage()
    let before = try FileManager.default.contentsOfDirectory(atPath: stage.folder).sorted()
    #expect(throws: Problem.self) {
      try stage.store.update { file throws(Problem) in
        file.contexts = [:]
        throw Problem(.cancelled, "No.")
      }
    }
    #expect(try stage.store.read() == .signedIn)
    #expect(try FileManager.default.contentsOfDirectory(atPath: stage.folder).sorted() == before)
  }

  @Test func theNearestProjectFileCounts() throws {
    let stage = try Stage()
    try write(#"{"organization":"above"}"#, to: stage.folder + "/work/.guildhall.json")
    #expect(try ProjectFile.nearest(to: stage.folder + "/work/below")?.content.organization == "above")
    try write(#"{"organization":"here"}"#, to: stage.folder + "/work/below/.guildhall.json")
    #expect(try ProjectFile.nearest(to: stage.folder + "/work/below")?.content.organization == "here")
  }

  @Test(arguments: [#"{"token":"gld_pat_x"}"#, #"{"organisation":"acme"}"#, "{", ""])
  func aProjectFileThatCanNotBeRightIsTold(text: String) throws {
    let stage = try Stage()
    let path = stage.folder + "/work/below/.guildhall.json"
    try write(text, to: path)
    #expect(try #require(throws: Problem.self) { try ProjectFile.nearest(to: stage.folder + "/work/below") }.detail.contains(path))
  }
}
