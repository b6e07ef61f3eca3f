import Kernel
import Storage
import Synchronization
import Testing

/// Threads and time that a test moves by hand.
private final class HandMoved: Sendable {
  private struct State {
    var now = ContinuousClock.now
    var ready: [@Sendable () -> Void] = []
    var later: [(at: ContinuousClock.Instant, work: @Sendable () -> Void)] = []
  }

  private let state = Mutex(State())

  var host: Lanes.Host {
    Lanes.Host(
      now: { self.state.withLock { $0.now } },
      start: { _, work in self.state.withLock { $0.ready.append(work) } },
      after: { delay, work in self.state.withLock { $0.later.append(($0.now + delay, work)) } })
  }

  /// Runs what the lanes have to do.
  func run() { for work in state.withLock({ state in let ready = state.ready; state.ready = []; return ready }) { work() } }

  func pass(_ span: Duration) {
    let due = state.withLock { state in
      state.now += span
      let due = state.later.filter { $0.at <= state.now }
      state.later.removeAll { $0.at <= state.now }
      return due
    }
    for timer in due { timer.work() }
  }

  var timers: Int { state.withLock { $0.later.count } }
}

@Suite final class LanesTests: Sendable {
  private let hand = HandMoved()
  private let log = Mutex<[String]>([])

  private var said: [String] { log.withLock { $0 } }

  private func unit(_ name: String) -> UnitOfWork {
    UnitOfWork(
      access: .reading, run: { _ in UnitOfWork.Ending(problem: nil) {} },
      refuse: { problem in self.log.withLock { $0.append("\(name) refused as \(problem.code.name)") } })
  }

  private func lanes(lanes: Int = 1, batch: Int = 1, waiting: Int = 3) -> Lanes {
    Lanes(.init(lanes: lanes, batch: batch, waiting: waiting, patience: .seconds(5)), on: hand.host) { lane, units in
      self.log.withLock { $0.append("lane \(lane) serves \(units.count)") }
    }
  }

  @Test("A unit goes to an idle lane, and the next ones wait for it")
  func serving() {
    let lanes = lanes()
    for name in ["a", "b", "c"] { lanes.submit(unit(name)) }
    #expect(said == [])
    hand.run()
    #expect(said == ["lane 0 serves 1", "lane 0 serves 1", "lane 0 serves 1"])
    lanes.submit(unit("d"))
    hand.run()
    #expect(said.count == 4, "the lane became idle again")
  }

  @Test("A lane takes as many at once as it may")
  func batches() {
    let lanes = lanes(batch: 2)
    for name in ["a", "b", "c"] { lanes.submit(unit(name)) }
    hand.run()
    #expect(said == ["lane 0 serves 2", "lane 0 serves 1"])
  }

  @Test("Who comes when the line is full is refused at once")
  func full() {
    let lanes = lanes()
    for name in ["a", "b", "c", "d", "e"] { lanes.submit(unit(name)) }
    #expect(said == ["d refused as unavailable", "e refused as unavailable"])
  }

  @Test("Who waits too long is refused when the time is over, and nobody before")
  func patience() {
    let lanes = lanes()
    lanes.submit(unit("a"))
    lanes.submit(unit("b"))
    hand.pass(.seconds(3))
    lanes.submit(unit("c"))
    #expect(hand.timers == 1, "one timer watches all")
    hand.pass(.milliseconds(1900))
    #expect(said == [])
    hand.pass(.milliseconds(100))
    #expect(said == ["a refused as unavailable", "b refused as unavailable"])
    hand.pass(.milliseconds(2900))
    #expect(said.count == 2)
    hand.pass(.milliseconds(100))
    #expect(said.last == "c refused as unavailable")
    #expect(hand.timers == 0)
    lanes.submit(unit("d"))
    hand.run()
    #expect(said.last == "lane 0 serves 1", "and the lane serves on")
  }

  @Test("A closed line refuses, and closing waits for what was taken")
  func closing() async {
    let lanes = lanes()
    lanes.submit(unit("a"))
    let closing = Task {
      await lanes.close()
      self.log.withLock { $0.append("closed") }
    }
    while said.isEmpty {
      lanes.submit(unit("late"))
      await Task.yield()
    }
    #expect(said.allSatisfy { $0 == "late refused as unavailable" })
    hand.run()
    await closing.value
    #expect(said.contains("lane 0 serves 1"))
    #expect(said.last == "closed")
    await lanes.close()
  }
}
