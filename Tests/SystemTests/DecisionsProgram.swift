import Authorization
import GuildhallDecisions

/// Whether somebody may read a dataset of acme: asked once here, and from memory as often as you like.
func mayRead(_ dataset: String, _ account: String, at server: String, key: String) async throws -> Bool {
  // Reads the facts and follows them for as long as `decisions` is held; a server keeps one for its whole life.
  let decisions = try await Decisions.following("acme", at: server, token: key)
  let question = try AccessQuestion(
    principal: .account(account), action: "read",
    resource: ThingName(type: "dataset", id: dataset, attributes: [AccessValue.Attribute("region", .text("eu"))]),
    context: [AccessValue.Attribute("address", .address("192.0.2.1"))])
  let answer = try decisions.explain(question)
  for ground in answer.grounds where ground.effect == .forbids { print("Forbidden:", ground.sentence) }
  // Everything up to what a change has answered, such as a grant that was made a moment ago.
  let revision = try decisions.snapshot().revision
  let snapshot = try await decisions.atLeast(revision, within: .seconds(2))
  let isAllowed = try snapshot.check(question).isAllowed
  await decisions.stop()
  return isAllowed
}
