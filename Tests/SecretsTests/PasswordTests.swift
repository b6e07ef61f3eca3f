import Kernel
import Secrets
import Testing

@Suite struct PasswordTests {
  private let hasher = PasswordHasher(threads: 2, cost: .lowest)

  @Test(arguments: acceptable)
  func `A password that is hard to guess is accepted`(text: String) throws {
    _ = try Password(chosen: text, unlike: ["ada@example.org", "ada-l", "Ada Lovelace"])
  }

  @Test(arguments: guessable)
  func `A password that is easy to guess is refused with what to do`(text: String, reason: String) {
    let rejection = #expect(throws: Rejection.self) { try Password(chosen: text, unlike: ["ada@example.org", "countess-ada", "Ada Lovelace", "", "al"]) }
    #expect(rejection?.reason == reason)
  }

  @Test func `A hash verifies its own password alone`() async throws {
    let hash = try await hasher.hash(Password(chosen: "correct battery horse"), seededMoment())
    #expect(hash.text.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
    #expect(try await hasher.verify(Password(offered: "correct battery horse"), against: hash))
    for wrong in [
      "", "correct battery horsf", "Correct battery horse", "correct battery horse ", "correct battery horse\0", String(repeating: "x", count: 1_000_000),
    ] {
      #expect(try await !hasher.verify(Password(offered: wrong), against: hash))
    }
    try await hasher.verifyAgainstNothing(Password(offered: "correct battery horse"))
  }

  @Test func `The same password on another keyboard verifies, and zero bytes don't end it`() async throws {
    let composed = try await hasher.hash(Password(chosen: "z\u{FC}rich am see"), seededMoment())
    #expect(try await hasher.verify(Password(offered: "zu\u{308}rich\u{A0}am\u{3000}see"), against: composed))
    let long = try Password(chosen: varied(256))
    let hash = try await hasher.hash(long, seededMoment())
    #expect(try await hasher.verify(long, against: hash))
  }

  @Test func `Salts differ, and the same random numbers give the same hash`() async throws {
    let password = Password(offered: "correct battery horse")
    let moment = seededMoment()
    let (one, other) = (try await hasher.hash(password, moment), try await hasher.hash(password, moment))
    #expect(one != other)
    #expect(try await hasher.hash(password, seededMoment()) == one)
    #expect(try await PasswordHasher.inline.hash(password, seededMoment()) == one)
  }

  /// Made elsewhere, by Python's argon2-cffi: 256 KiB, 3 passes, 2 lanes, the salt "guildhall-salt".
  private static let foreign = "$argon2id$v=19$m=256,t=3,p=2$Z3VpbGRoYWxsLXNhbHQ$Yw9nt+KqhMzlbdCU2GMYphdzLXHhIJUD"

  @Test func `A hash of another cost verifies and wants to be made again`() async throws {
    let stored = try PasswordHash(Self.foreign)
    #expect(try await hasher.verify(Password(offered: "correct battery horse"), against: stored))
    #expect(hasher.needsRehash(stored))
    #expect(stored.cost == Argon2Cost(memory: 256, passes: 3, lanes: 2))
    #expect(!hasher.needsRehash(try await hasher.hash(Password(offered: "x"), seededMoment())))
  }

  /// Made by the reference library in memory of its own: 19 MiB, 2 passes, 1 lane, the same salt.
  private static let usual = "$argon2id$v=19$m=19456,t=2,p=1$Z3VpbGRoYWxsLXNhbHQ$FfPYUaraiL1YMJ04P7s12c21FfL3dz52brnJSIy/wNo"

  @Test func `A hash of the usual cost is that of the library, however its memory is laid out`() async throws {
    let stored = try PasswordHash(Self.usual)
    #expect(stored.cost == .standard)
    let hasher = PasswordHasher(threads: 2)
    let verified = try await withThrowingTaskGroup(of: Bool.self) { group in
      for place in 0..<6 { group.addTask { try await hasher.verify(Password(offered: place < 5 ? "correct battery horse" : "correct battery horsf"), against: stored) } }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(verified == 5)
  }

  @Test(arguments: [
    "", "x", "$2b$12$abcdefghijklmnopqrstuu", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=16$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=8,t=1000,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
    "$argon2id$v=19$m=8,t=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA\0AAAAAAAAAAAAAAAAAAAAA",
  ])
  func `What isn't an affordable argon2id hash is refused`(text: String) { #expect(throws: Rejection.self) { try PasswordHash(text) } }

  @Test func `Passwords and hashes show nothing of themselves`() async throws {
    let password = Password(offered: "correct battery horse")
    let hash = try await hasher.hash(password, seededMoment())
    var dumped = ""
    dump(password, to: &dumped)
    dump(hash, to: &dumped)
    for shown in ["\(password)", String(reflecting: password), "\(hash)", String(reflecting: hash), dumped] {
      #expect(!shown.contains("correct"))
      #expect(!shown.contains("argon2id"))
      #expect(!shown.contains("99, 111"))
    }
  }

  @Test func `A queue that is too long refuses at once, and all others are served`() async throws {
    let slow = PasswordHasher(threads: 1, queueLimit: 3, cost: try #require(Argon2Cost(memory: 16_384, passes: 4)))
    let hash = try PasswordHash(Self.foreign)
    let outcomes = await withTaskGroup { group in
      for _ in 0..<12 {
        group.addTask {
          do throws(Problem) {
            try await slow.verifyAgainstNothing(Password(offered: "x"))
            return "served"
          } catch {
            return error.kind == .unavailable && error.retryAfter != nil ? "refused" : "\(error)"
          }
        }
      }
      return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    #expect(outcomes.keys.sorted() == ["refused", "served"])
    #expect(try #require(outcomes["served"]) >= 4)
    #expect(try #require(outcomes["refused"]) >= 1)
    #expect(try await slow.verify(Password(offered: "correct battery horse"), against: hash), "afterwards it serves again")
  }

  @Test func `Who gives up while waiting is dropped`() async throws {
    let slow = PasswordHasher(threads: 1, queueLimit: 100, cost: try #require(Argon2Cost(memory: 65_536, passes: 4)))
    let first = Task { try await slow.verifyAgainstNothing(Password(offered: "x")) }
    let waiting = (0..<40).map { _ in Task { try await slow.verifyAgainstNothing(Password(offered: "x")) } }
    for task in waiting { task.cancel() }
    var dropped = 0
    for task in waiting { if case .failure = await task.result { dropped += 1 } }
    _ = await first.result
    #expect(dropped > 20, "those who gave up were worked through")
    try await slow.verifyAgainstNothing(Password(offered: "x"))
  }

  @Test func `Hashing keeps the cooperative pool free`() async throws {
    let slow = PasswordHasher(threads: 2, cost: try #require(Argon2Cost(memory: 32_768, passes: 4)))
    let finished = Count()
    let hashing = (0..<16).map { _ in
      Task {
        try await slow.verifyAgainstNothing(Password(offered: "x"))
        await finished.add()
      }
    }
    await Task {}.value
    #expect(await finished.value < 16, "a task ran while passwords were still being hashed")
    for task in hashing { try await task.value }
    #expect(await finished.value == 16)
  }

  @Test func `An unknown address takes as long as a wrong password`() async throws {
    let hasher = PasswordHasher(threads: 1, cost: try #require(Argon2Cost(memory: 16_384, passes: 2)))
    let stored = try await hasher.hash(Password(offered: "correct battery horse"), seededMoment())
    let clock = ContinuousClock()
    var wrong: [Duration] = []
    var unknown: [Duration] = []
    for _ in 0..<9 {
      wrong.append(await clock.measure { _ = try? await hasher.verify(Password(offered: "wrong"), against: stored) })
      unknown.append(await clock.measure { try? await hasher.verifyAgainstNothing(Password(offered: "wrong")) })
    }
    let ratio = wrong.sorted()[4] / unknown.sorted()[4]
    #expect((0.4...2.5).contains(ratio), "the medians differ by a factor of \(ratio)")
  }
}

private actor Count {
  private(set) var value = 0
  func add() { value += 1 }
}

private let guessable: [(String, String)] = table([
  "Use at least 10 characters.": ["", "short-1!x", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦"],
  "Use at most 256 characters.": [varied(257), String(repeating: "correct horse ", count: 100_000)],
  "Leave out line breaks and control characters.": ["line\nbreak-in-it", "zero\0byte-in-it"],
  "This password repeats the same few characters; choose one that is harder to guess.": ["aaaaaaaaaaaa", "abcabcabcabc", "1234123412341234"],
  "This password is a run of neighbouring characters; choose one that is harder to guess.": ["1234567890", "ZYXWVUTSRQ", "abcdefghijklm"],
  "This password is one of the most common; choose another.": [
    "Password123", "P@ssw0rd!!", "qwertyuiop", "passwordpassword", "1q2w3e4r5t", "letmein2026!", "ILoveYou!!!", "summer 2026",
  ],
  "Leave your name and your address out of the password.": ["ada@example.org", "Ada Lovelace", "adaLovelace1815", "countess-ada-l"],
])

private let acceptable: [String] = [
  "correct battery horse", "tr0ub4dor&3x", "mit Umlaut äöü", "日本語のパスワードです", "    a b c d    ", "0x5f3759df-magic", "welcome to the machine 1975",
  "ab1!ab1!xyzzy-plugh", varied(256),
]

/// `count` characters of all kinds that neither repeat nor run.
private func varied(_ count: Int) -> String { String(decoding: (0..<count).map { UInt8(33 + $0 * 7 % 90) }, as: UTF8.self) }

private func table(_ groups: KeyValuePairs<String, [String]>) -> [(String, String)] { groups.flatMap { reason, texts in texts.map { ($0, reason) } } }
