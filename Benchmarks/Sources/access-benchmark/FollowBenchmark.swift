import Authorization
import Cedar
import Dispatch

/// What one change costs who follows the facts, however large the organization is, and a list of the 2,000 datasets somebody sees of 200,000.
struct FollowBenchmark {
  private static let perProject = 100
  private let members: Int
  private let datasets: Int

  init(members: Int, datasets: Int) {
    self.members = members
    self.datasets = datasets
  }

  /// As the server tells it: what somebody is and has, all of it anew.
  private func member(_ number: Int) -> [AccessChange] {
    let id = "m\(number)"
    return [
      .member(id, AccessStanding(roles: [number % 50 == 0 ? .viewer : .guest], attributes: AccessValue.readable([AccessValue.Attribute("emailDomain", .text("example.org"))]))),
      .seat(member: id, team: "t\(number % 100)"), .grant(.member(id), .resource(.projectDeveloper), on: project(number), expires: nil),
    ]
  }

  private var projects: Int { max(1, datasets / Self.perProject) }
  private func project(_ number: Int) -> AccessResource { AccessResource(.project, "p\(number % projects)") }

  private func dataset(_ number: Int, mark: String = "gdpr") -> AccessChange {
    .resource(
      AccessResource(ResourceType("dataset"), "d\(number)"), in: project(number / Self.perProject), owner: nil, visibility: .inherited,
      attributes: AccessValue.readable([AccessValue.Attribute("slug", .text("d\(number)")), AccessValue.Attribute("compliance", .set([.text(mark)]))]))
  }

  func run(changes count: Int) throws {
    var graph = AccessGraph(organization: "o")
    let workspace = AccessResource(.workspace, "w")
    graph = try graph.applying([.resource(workspace, in: nil, owner: nil, visibility: .inherited, attributes: [:])])
    graph = try graph.applying((0..<projects).map { .resource(project($0), in: workspace, owner: nil, visibility: .inherited, attributes: [:]) })
    for first in stride(from: 0, to: datasets, by: 5_000) { graph = try graph.applying((first..<min(first + 5_000, datasets)).map { dataset($0) }) }
    graph = try graph.applying((0..<100).map { .team("t\($0)", in: nil) })
    let began = DispatchTime.now().uptimeNanoseconds
    for first in stride(from: 0, to: members, by: 5_000) { graph = try graph.applying((first..<min(first + 5_000, members)).flatMap { member($0) }) }
    let loading = DispatchTime.now().uptimeNanoseconds - began
    // Somebody who sees twenty projects, 2,000 datasets and nothing else.
    graph = try graph.applying(
      [.member("lister", AccessStanding(roles: [.guest]))] + (0..<20).map { .grant(.member("lister"), .resource(.projectViewer), on: project($0 * 7), expires: nil) })

    var state: UInt64 = 42
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    let kinds: [(String, () -> [AccessChange])] = [
      ("a_member_anew", { let number = random(members); return [.memberRemoved("m\(number)")] + member(number) }),
      ("a_grant", { [.grant(.member("m\(random(members))"), .resource(.projectViewer), on: project(random(projects)), expires: nil)] }),
      ("a_share", { [.share(.member("m\(random(members))"), [.read], on: AccessResource(ResourceType("dataset"), "d\(random(datasets))"), in: nil)] }),
      ("a_resource", { [dataset(random(datasets), mark: "mark \(random(1_000))")] }),
      ("a_new_member", { member(members + random(1 << 30)) }),
      ("a_team_gets_a_project", { [.grant(.team("t\(random(100))"), .resource(.projectViewer), on: project(random(projects)), expires: nil)] }),
    ]
    var figures: [String] = []
    for (name, change) in kinds {
      var times: [Double] = []
      for _ in 0..<count {
        let changes = change()
        let start = DispatchTime.now().uptimeNanoseconds
        let next = try graph.following(changes, revision: graph.revision + 1)
        times.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1000)
        graph = next
      }
      times.sort()
      figures.append("\"\(name)\":{\"p50\":\(times[count / 2]),\"p99\":\(times[count * 99 / 100]),\"most\":\(times[count - 1])}")
    }
    var (lists, found): ([Double], Int) = ([], 0)
    let (lister, read) = (graph.member("lister"), graph.verb(.read))
    for _ in 0..<50 {
      let start = DispatchTime.now().uptimeNanoseconds
      found = graph.resources(lister, read, of: ResourceType("dataset"), at: World.now).count
      lists.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1000)
    }
    lists.sort()
    print(
      "{\"members\":\(members),\"datasets\":\(datasets),\"loading_us_a_member\":\(Double(loading) / 1000 / Double(members)),\"bytes\":\(graph.bytes),"
        + "\"apply_us\":{\(figures.joined(separator: ","))},\"list_us\":{\"found\":\(found),\"p50\":\(lists[25]),\"most\":\(lists[49])}}")
  }
}
