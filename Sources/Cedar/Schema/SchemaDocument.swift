/// A schema as it is written, names not resolved yet: what both syntaxes, Cedar's and JSON's, read into and are written from.
public struct SchemaDocument: Hashable, Sendable {
  public var namespaces: [Namespace]

  public init(_ namespaces: [Namespace] = []) { self.namespaces = namespaces }

  /// The declarations of one namespace, as they are written.
  public struct Namespace: Hashable, Sendable {
    /// Nil for the declarations outside of any namespace.
    public var name: Text?
    public var annotations: [Policy.Annotation] = []
    public var types: [TypeDeclaration] = []
    public var entities: [EntityDeclaration] = []
    public var actions: [ActionDeclaration] = []

    public init(_ name: Text?) { self.name = name }
  }

  /// `type Name = …;`
  public struct TypeDeclaration: Hashable, Sendable {
    public var name: Text
    public var type: TypeExpression
    public var annotations: [Policy.Annotation] = []
  }

  /// `entity Name in [Group] { … } tags String;` or `entity Name enum ["a", "b"];`
  public struct EntityDeclaration: Hashable, Sendable {
    /// Entities with attributes, or a list of all there are.
    public enum Kind: Hashable, Sendable {
      case standard(parents: [Text], shape: TypeExpression, tags: TypeExpression?)
      case enumeration([Text])
    }

    public var name: Text
    public var kind: Kind
    public var annotations: [Policy.Annotation] = []
  }

  /// `action "name" in ["group"] appliesTo { principal: …, resource: …, context: … };`
  public struct ActionDeclaration: Hashable, Sendable {
    /// An action this one is in.
    public struct Group: Hashable, Sendable {
      /// Nil for `Action`, of the same namespace or, where that has no such action, outside of all.
      public var type: Text?
      public var id: Text
    }

    /// What the action applies to.
    public struct Application: Hashable, Sendable {
      public var principals: [Text]
      public var resources: [Text]
      public var context: TypeExpression
    }

    public var name: Text
    public var groups: [Group] = []
    /// Nil where the action applies to nothing by itself, as a mere group does.
    public var application: Application?
    public var annotations: [Policy.Annotation] = []
  }

  /// A type as it is written.
  public indirect enum TypeExpression: Hashable, Sendable {
    /// A name that may be a common type, an entity type, a primitive or an extension.
    case name(Text)
    /// A name that must be a common type (JSON's `"type": "Name"`, and a context's name).
    case common(Text)
    /// A name that must be an entity type (JSON's `Entity`).
    case entity(Text)
    /// A primitive or extension whatever else goes by its name (JSON's `Long`, `Extension`).
    case builtin(Text)
    case set(TypeExpression)
    case record([AttributeDeclaration])

    static let emptyRecord = TypeExpression.record([])
  }

  /// An attribute with its type, as it is written.
  public struct AttributeDeclaration: Hashable, Sendable {
    public var name: Text
    public var type: TypeExpression
    public var isRequired: Bool
    public var annotations: [Policy.Annotation] = []
  }

  /// Those of the built-in types that JSON calls extensions.
  static let extensions: Set<Text> = ["datetime", "decimal", "duration", "ipaddr"]

  /// The names of the built-in types.
  static let builtins: [Text: ValueType] = [
    "Long": .long, "String": .string, "Bool": .bool, "Boolean": .bool, "ipaddr": .ip, "decimal": .decimal, "datetime": .datetime, "duration": .duration,
  ]
}
