/// What a feature gives to the edges: its operations, its pages, its jobs.
public struct Feature: Sendable {
  public let name: String
  public let operations: [BoundEndpoint]
  public let pages: [PageRoute]
  public let jobs: [any Job]

  public init(_ name: String, operations: [BoundEndpoint] = [], pages: [PageRoute] = [], jobs: [any Job] = []) {
    self.name = name
    self.operations = operations
    self.pages = pages
    self.jobs = jobs
  }
}
