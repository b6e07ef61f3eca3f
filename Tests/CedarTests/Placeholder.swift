import Cedar
import Testing

@Test func `a policy is read and written`() throws {
  let text = #"permit (principal == User::"alice", action, resource);"#
  #expect(try PolicySet(parsing: text).description == text)
}
