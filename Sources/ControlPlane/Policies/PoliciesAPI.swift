import Authorization
import Contract
import Kernel

extension Policies {
  var operations: [BoundEndpoint] { policyOperations + textOperations }

  private var policyOperations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Policies.list) { call async throws(Problem) in
        let page = try await list(
          in: call.path.organization, search: call.query.search, enabled: call.query.enabled, call.query.page(), by: call.caller)
        return Wire.List(page, Wire.Policy.init)
      },
      BoundEndpoint(API.Policies.create) { call async throws(Problem) in
        let draft = try PolicyDraft(
          name: call.body.name.text, slug: call.body.slug.orProposed(), description: call.body.description?.text ?? "", text: call.body.text.text,
          isEnabled: call.body.enabled ?? true)
        return Wire.Policy(try await create(draft, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Policies.read) { call async throws(Problem) in
        Wire.Policy(try await find(call.path.policy, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Policies.update) { call async throws(Problem) in
        let update = PolicyUpdate(name: call.body.name?.text, description: call.body.description?.text, text: call.body.text?.text)
        return Wire.Policy(try await self.update(call.path.policy, update, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Policies.enable) { call async throws(Problem) in
        Wire.Policy(try await enable(call.path.policy, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Policies.disable) { call async throws(Problem) in
        Wire.Policy(try await disable(call.path.policy, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Policies.delete) { call async throws(Problem) in
        try await delete(call.path.policy, seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Policies.listVersions) { call async throws(Problem) in
        Wire.List(
          try await versions(of: call.path.policy, in: call.path.organization, call.query.page(), by: call.caller), Wire.PolicyVersion.init)
      },
    ]
  }

  private var textOperations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Policies.validate) { call async throws(Problem) in
        if call.body.text?.text.isEmpty == true { throw .invalid("text", "Write a policy: it begins with `permit` or `forbid`.") }
        let text = call.body.text?.text ?? ""
        let faults = try await faults(in: text, of: call.path.organization, by: call.caller)
        return Wire.PolicyTextFaults(
          valid: !faults.contains(where: \.isError), faults: faults.map { Wire.PolicyTextFault($0) }, formatted: PolicyOutline.formatted(text))
      },
      BoundEndpoint(API.Policies.preview) { call async throws(Problem) in
        guard call.body.text != nil || call.body.policy != nil else { throw .invalid("text", "Give a text, or the policy that would be switched over.") }
        return Wire.PolicyPreview(
          try await preview(call.body.text?.text, of: call.body.policy?.text, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Policies.listTemplates) { call async throws(Problem) in
        let templates = try await templates(in: call.path.organization, by: call.caller)
        return Wire.List(items: templates.map { Wire.PolicyTemplate($0) }, nextCursor: nil, total: templates.count)
      },
      BoundEndpoint(API.Policies.fill) { call async throws(Problem) in
        let templates = try await templates(in: call.path.organization, by: call.caller)
        guard let template = templates.first(where: { $0.name == call.path.template }) else { throw Problem(.missing, "There is no such template.") }
        return Wire.PolicyTextCheck(text: try template.text(call.body.values))
      },
      BoundEndpoint(API.Policies.readSchema) { call async throws(Problem) in
        Wire.PolicySchema(try await schema(of: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Policies.updateSchema) { call async throws(Problem) in
        Wire.PolicySchema(
          try await updateSchema(PolicySchemaDraft(call.body), seen: call.revision, of: call.path.organization, by: call.caller))
      },
    ]
  }
}

extension Wire.Policy {
  init(_ policy: Policy) {
    self.init(
      id: policy.id.cast(), slug: policy.slug.text, name: policy.name.text, description: policy.description.text, text: policy.text,
      enabled: policy.isEnabled, createdAt: policy.createdAt, changedAt: policy.changedAt, changedBy: policy.changedBy, revision: policy.revision)
  }
}

extension Wire.PolicyVersion {
  init(_ version: PolicyVersion) {
    self.init(
      revision: version.revision, name: version.name, description: version.description, text: version.text, enabled: version.isEnabled, at: version.at,
      changedBy: version.changedBy)
  }
}

extension Wire.PolicyTextFault {
  init(_ fault: PolicyFault) {
    self.init(severity: fault.isError ? "error" : "warning", message: fault.message, hint: fault.hint, line: fault.line, column: fault.column)
  }
}

extension Wire.PolicyPreview {
  init(_ preview: PolicyPreview) {
    func told(_ loses: Bool) -> [String] {
      preview.examples.filter { $0.loses == loses }.map { "\($0.principal.handle.isEmpty ? $0.principal.id : $0.principal.handle): \($0.action) \($0.thing)" }
    }
    self.init(
      sentence: preview.sentence, losing: preview.losing, gaining: preview.gaining, losses: told(true), gains: told(false), asked: preview.asked,
      total: preview.total, locksOut: preview.locksOut)
  }
}

extension Wire.PolicyTemplate {
  init(_ template: PolicyTemplate) {
    self.init(
      name: template.name, title: template.title, summary: template.summary,
      fields: Dictionary(template.fields.map { ($0.name, $0.told) }) { first, _ in first }, optional: template.fields.filter(\.isOptional).map(\.name))
  }
}

extension PolicyTemplate.Field {
  fileprivate var told: String {
    var text = label + "."
    if !hint.isEmpty { text += " " + hint }
    if !choices.isEmpty { text += " One of \(choices.joined(separator: ", "))." }
    if !value.isEmpty { text += " \(value) when absent." }
    return text
  }
}

extension Wire.PolicySchema {
  init(_ schema: PolicySchema) {
    func kinds(_ attributes: [PolicyVocabulary.Attribute]) -> [String: String] {
      Dictionary(attributes.map { ($0.name, $0.kind.rawValue) }) { first, _ in first }
    }
    let vocabulary = schema.vocabulary
    self.init(
      version: schema.version, schema: vocabulary.text, types: Dictionary(vocabulary.types.map { ($0.name, kinds($0.attributes)) }) { first, _ in first },
      actions: vocabulary.actions, context: kinds(vocabulary.context), changedAt: schema.changedAt,
      changedBy: schema.version == 0 ? nil : schema.changedBy)
  }
}

extension PolicySchemaDraft {
  init(_ wire: Wire.PolicySchemaUpdate) { self.init(types: wire.types ?? [:], actions: wire.actions ?? [], context: wire.context ?? [:]) }
}
