@testable import ControlPlane
import Kernel
import TestSupport
import Testing

/// Archives between installations on PostgreSQL, and from there to a file.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct ArchivesOnPostgresTests {
  @Test(arguments: [31, 32] as [UInt64]) func `What is taken along and taken in elsewhere is equal`(seed: UInt64) async throws {
    let lab = try await Lab(in: House.onPostgres(seed: seed))
    try await ArchivesTests.live(in: lab, seed: seed)
    try await ArchivesTests.roundTrip(of: lab, into: House.onPostgres(seed: seed + 1000))
    // And from one kind of database to the other.
    let other = try await Lab(in: House.onPostgres(seed: seed + 2000))
    try await ArchivesTests.live(in: other, seed: seed + 1, steps: 30)
    try await ArchivesTests.roundTrip(of: other, into: House(seed: seed + 3000))
  }
}
