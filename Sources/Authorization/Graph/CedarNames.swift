internal import Cedar

/// How the graph's things are called in policies.
///
/// People are `User::"id"`, service accounts `ServiceAccount::"id"`, teams `Team::"id"`, roles held at the organization `Role::"viewer"` (a custom
/// one by its id), the organization itself `Organization::"id"`. A resource is called after its type, in camel case: `Dataset::"id"`,
/// `ModelVersion::"id"`. A verb is `Action::"read"`. A principal is in its teams, the teams around them, its roles and the organization; a resource
/// is in what it stands in, and in the organization.
enum CedarNames {
  static let account: EntityType = "User"
  static let serviceAccount: EntityType = "ServiceAccount"
  static let team: EntityType = "Team"
  static let role: EntityType = "Role"
  static let organization: EntityType = "Organization"
  static let action: EntityType = "Action"

  /// `model_version` is `ModelVersion`; an underscore stays before what is no letter, so that no two types get the same name.
  static func type(_ type: ResourceType) -> EntityType {
    var name: [UInt8] = []
    var begins = true
    for byte in type.name.utf8 {
      if byte == UInt8(ascii: "_"), !begins {
        begins = true
        continue
      }
      let isLetter = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      if begins, !isLetter, !name.isEmpty { name.append(UInt8(ascii: "_")) }
      name.append(begins && isLetter ? byte - 32 : byte)
      begins = false
    }
    return EntityType(String(decoding: name, as: UTF8.self))
  }

  /// The type that is called so.
  static func type(_ entity: EntityType) -> ResourceType? {
    var name: [UInt8] = []
    for (place, byte) in entity.name.string.utf8.enumerated() {
      if byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") {
        if place > 0 { name.append(UInt8(ascii: "_")) }
        name.append(byte + 32)
      } else {
        name.append(byte)
      }
    }
    let type = ResourceType(String(decoding: name, as: UTF8.self))
    return self.type(type) == entity ? type : nil
  }
}
