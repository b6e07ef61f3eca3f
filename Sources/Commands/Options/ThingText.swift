import ArgumentParser
import Client
import Contract
import Kernel

/// How a workspace, a cluster, a project or an app is typed where it may be any of them.
enum ThingText {
  static let help = ArgumentHelp(
    "A workspace, a project as workspace/project, cluster:name, cluster:name/project, app:name, or an id.", valueName: "thing")
}

extension Invocation {
  /// The id of a thing as it is typed; asks the server where it isn't one already.
  func thing<Thing>(_ text: String, in organization: String) async throws(Problem) -> ID<Thing> {
    if let id = ID<Thing>(text) { return id }
    let (isOnCluster, isApp) = (text.hasPrefix("cluster:"), text.hasPrefix("app:"))
    let parts = text.dropFirst(isOnCluster ? 8 : isApp ? 4 : 0).split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count <= (isApp ? 1 : 2), parts.allSatisfy({ !$0.isEmpty }) else {
      throw Problem(.invalid, "\(text.onOneLine) names nothing. Write research, research/forecast, cluster:gpu, app:painter, or an id.")
    }
    let client = try client()
    if isApp { return try await client.call(API.Apps.read, path: Wire.InApp(organization: organization, app: parts[0])).id.cast() }
    switch (isOnCluster, parts.count) {
    case (true, 1): return try await client.call(API.Clusters.read, path: Wire.InCluster(organization: organization, cluster: parts[0])).cluster.id.cast()
    case (true, _):
      let path = Wire.InClusterProject(organization: organization, cluster: parts[0], project: parts[1])
      return try await client.call(API.Projects.readOnCluster, path: path).id.cast()
    case (false, 1): return try await client.call(API.Workspaces.read, path: Wire.InWorkspace(organization: organization, workspace: parts[0])).id.cast()
    default:
      let path = Wire.InProject(organization: organization, workspace: parts[0], project: parts[1])
      return try await client.call(API.Projects.read, path: path).id.cast()
    }
  }
}
