import Authorization
public import Kernel

extension ControlPlane {
  public var installation: Installations { Installations(plane: self) }
}

/// What holds for the whole installation.
public struct Installations: Sendable {
  let plane: ControlPlane

  /// For anybody: a page must know whether it can offer to sign up.
  public func read(by caller: Caller) async throws(Problem) -> Installation {
    try await plane.read(as: caller) { work in try work.installation.read() }
  }

  /// The same for who may change it.
  func editable(by caller: Caller) async throws(Problem) -> Installation {
    try await plane.read(as: caller) { work in
      _ = try work.permit(UpdateInstallation.self)
      return try work.installation.read()
    }
  }

  /// Whether nobody has an account yet: who signs up first becomes its operator.
  public func isNew() async throws(Problem) -> Bool {
    try await plane.read(as: .system("set-up")) { work in try !work.accounts.exist() }
  }

  public func update(_ update: InstallationUpdate, by caller: Caller) async throws(Problem) -> Installation {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(UpdateInstallation.self)
      let before = try work.installation.read()
      let after = update.applied(to: before)
      guard after != before else { return before }
      let proof = try work.record(
        permit, in: .installation, on: .installation,
        [
          .of("sign_up", before.signUp.rawValue, after.signUp.rawValue),
          .of("endless_tokens", String(before.allowsEndlessTokens), String(after.allowsEndlessTokens)),
          .of("direct_members", String(before.letsMembersBeAdded), String(after.letsMembersBeAdded)),
        ])
      try work.installation.save(after, under: proof)
      return after
    }
  }
}
