import Cedar
import Testing

/// The theorems of the specification (`Cedar.Thm.Authorization`), each tried on random policies and requests.
@Suite struct TheoremTests {
  /// Calls the body with many random policy sets and requests.
  private func forAll(_ body: (PolicySet, Request, Response) throws -> Void) throws {
    for seed in 0..<400 {
      var maker = ExpressionMaker(UInt64(seed))
      let policies = try maker.policies(6)
      let request = maker.request()
      try body(policies, request, policies.authorize(request, sampleEntities))
    }
  }

  private func satisfied(_ policies: PolicySet, _ request: Request, _ effect: Effect) -> [PolicyID] {
    let evaluator = Evaluator(request, sampleEntities)
    return policies.policies.filter { $0.effect == effect && (try? evaluator.isSatisfied($0)) == true }.map(\.id).sorted()
  }

  @Test func forbidTrumpsPermit() throws {
    try forAll { policies, request, response in
      if !satisfied(policies, request, .forbid).isEmpty { #expect(response.decision == .deny) }
    }
  }

  @Test func allowedOnlyIfExplicitlyPermitted() throws {
    var allowed = 0
    try forAll { policies, request, response in
      guard response.decision == .allow else { return }
      allowed += 1
      #expect(!satisfied(policies, request, .permit).isEmpty)
    }
    #expect(allowed > 20)
  }

  @Test func defaultDeny() throws {
    #expect(PolicySet().authorize(sampleRequest, sampleEntities).decision == .deny)
    try forAll { policies, request, response in
      if satisfied(policies, request, .permit).isEmpty { #expect(response.decision == .deny) }
    }
  }

  @Test func orderIndependence() throws {
    try forAll { policies, request, response in
      var random = Seeded(7)
      let shuffled = try PolicySet(policies.policies.shuffled(using: &random))
      #expect(shuffled.authorize(request, sampleEntities) == response)
    }
  }

  @Test func duplicateIndependence() throws {
    try forAll { policies, request, response in
      let doubled = try PolicySet(policies.policies + policies.policies.map { $0.renamed(PolicyID("copy of \($0.id)")) })
      #expect(doubled.authorize(request, sampleEntities).decision == response.decision)
    }
  }

  @Test func allowIsKeptWhenAPermitIsAdded() throws {
    try forAll { policies, request, response in
      guard response.decision == .allow else { return }
      let more = try PolicySet(policies.policies + [Policy(id: "more", effect: .permit)])
      #expect(more.authorize(request, sampleEntities).decision == .allow)
    }
  }

  @Test func denyIsKeptWhenAForbidIsAdded() throws {
    try forAll { policies, request, response in
      guard response.decision == .deny else { return }
      let more = try PolicySet(policies.policies + [Policy(id: "more", effect: .forbid)])
      #expect(more.authorize(request, sampleEntities).decision == .deny)
    }
  }

  @Test func failingPoliciesNeverDecide() throws {
    var failing = 0
    try forAll { policies, request, response in
      failing += response.errors.count
      let working = try PolicySet(policies.policies.filter { policy in !response.errors.contains { $0.policy == policy.id } })
      let again = working.authorize(request, sampleEntities)
      #expect(again.decision == response.decision)
      #expect(again.reasons == response.reasons)
      #expect(again.errors.isEmpty)
    }
    #expect(failing > 100)
  }

  @Test func reasonsAreTheSatisfiedPolicies() throws {
    try forAll { policies, request, response in
      let effect: Effect = response.decision == .allow ? .permit : .forbid
      #expect(response.reasons == satisfied(policies, request, effect))
    }
  }

  @Test func preparedDecisionsAreThePlainOnes() throws {
    try forAll { policies, request, response in
      let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities))
      #expect(authorizer.authorize(request) == response, "\(policies)")
      #expect(authorizer.isAllowed(request) == (response.decision == .allow))
    }
  }

  @Test func preparedExpressionsHaveTheSameValuesAndErrors() throws {
    for seed in 0..<3000 {
      var maker = ExpressionMaker(UInt64(seed))
      let expression = maker.make(4)
      let request = maker.request()
      // Each condition fails or holds exactly as the plain evaluation does.
      let policy = Policy(id: "p", effect: .permit, conditions: [Condition(.when, expression)])
      let policies = try PolicySet([policy])
      let prepared = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities)).authorize(request)
      #expect(prepared == policies.authorize(request, sampleEntities), "\(expression)")
    }
  }

  @Test func residualsAnswerLikeTheWhole() throws {
    var decided = 0
    try forAll { policies, request, response in
      for mask in 0..<16 {
        let partial = PartialRequest(
          principal: mask & 1 == 0 ? .known(request.principal) : .unknown, action: mask & 2 == 0 ? .known(request.action) : .unknown,
          resource: mask & 4 == 0 ? .known(request.resource) : .unknown(mask & 1 == 0 ? nil : request.resource.type),
          context: mask & 8 == 0 ? request.context : nil)
        #expect(partial.admits(request))
        let answer = policies.authorize(partial, sampleEntities)
        if let decision = answer.decision {
          decided += 1
          #expect(decision == response.decision)
        }
        let completed = answer.residuals.authorize(request, sampleEntities)
        #expect(completed.decision == response.decision)
        #expect(completed.reasons == response.reasons)
        #expect(completed.errors.map(\.policy) == response.errors.map(\.policy))
      }
    }
    #expect(decided > 400)
  }

  @Test func everythingReadsBackFromWhatItIsWritten() throws {
    for seed in 0..<3000 {
      var maker = ExpressionMaker(UInt64(seed))
      let policy = maker.policy("p")
      #expect(try Policy(parsing: policy.description, id: "p") == policy, "\(policy)")
      #expect(try Policy(json: policy.json.description, id: "p") == policy, "\(policy.json)")
      let text = policy.description
      let formatted = try Formatter(width: 50).format(text)
      #expect(try PolicySet(parsing: formatted).policies.first?.renamed("p") == policy)
      #expect(try Formatter(width: 50).format(formatted) == formatted)
    }
  }

  @Test func valuesReadBackFromJSON() throws {
    var seen = 0
    for seed in 0..<2000 {
      var maker = ExpressionMaker(UInt64(seed))
      guard let value = try? Evaluator(sampleRequest, sampleEntities).evaluate(maker.make(3)) else { continue }
      seen += 1
      #expect(try Value(json: JSON(parsing: value.json.description)) == value)
      #expect(try Evaluator(sampleRequest, sampleEntities).evaluate(Expression(parsing: value.description)) == value)
    }
    #expect(seen > 100)
  }
}
