/// An attribute with its value. Names stand in the source, values are escaped; `style` and event handlers (`onclick`) don't exist, since the content security policy forbids them.
public struct Attribute: Sendable {
  private let name: StaticString
  private let value: Value

  private enum Value {
    case absent
    case flag
    case text(String)
    case fixed(StaticString)
    case number(Int)
    case box(Double, Double, Double, Double)
    case decimal(Double)
    case prefixed(StaticString, String)
    case several([Attribute])
  }

  private init(_ name: StaticString, _ value: Value) {
    self.name = name
    self.value = value
  }

  init(_ name: StaticString, _ text: String) { self.init(name, .text(text)) }
  init(_ name: StaticString, fixed text: StaticString) { self.init(name, .fixed(text)) }
  init(_ name: StaticString, box: (x: Double, y: Double, width: Double, height: Double)) { self.init(name, .box(box.x, box.y, box.width, box.height)) }
  init(_ name: StaticString, _ number: Int) { self.init(name, .number(number)) }
  init(_ name: StaticString, decimal: Double) { self.init(name, .decimal(decimal)) }
  init(_ name: StaticString, flag: Bool) { self.init(name, flag ? .flag : .absent) }

  /// This attribute if the condition holds, else none: `.aria("current", "page").when(isActive)`.
  public func when(_ condition: Bool) -> Attribute { condition ? self : Attribute("", .absent) }

  /// Several as one, for components that pass on what they were given.
  public static func all(_ attributes: [Attribute]) -> Attribute { Attribute("", .several(attributes)) }

  public static let none = Attribute("", .absent)

  func write(to bytes: inout [UInt8]) {
    switch value {
    case .absent: return
    case .several(let attributes):
      for attribute in attributes { attribute.write(to: &bytes) }
    case .prefixed(let prefix, let text):
      bytes.append(UInt8(ascii: " "))
      bytes.append(static: prefix)
      bytes.append(static: name)
      bytes.appendAssignment { $0.append(attributeValue: text) }
    case .flag:
      bytes.append(UInt8(ascii: " "))
      bytes.append(static: name)
    case .text(let text):
      bytes.append(UInt8(ascii: " "))
      bytes.append(static: name)
      bytes.appendAssignment { $0.append(attributeValue: text) }
    case .fixed(let text):
      bytes.append(UInt8(ascii: " "))
      bytes.append(static: name)
      bytes.appendAssignment { bytes in text.withUTF8Buffer { bytes.append(attributeValue: $0) } }
    case .box(let x, let y, let width, let height):
      bytes.append(UInt8(ascii: " "))
      bytes.append(static: name)
      bytes.appendAssignment { bytes in
        bytes.append(hundredths: x)
        bytes.append(UInt8(ascii: " "))
        bytes.append(hundredths: y)
        bytes.append(UInt8(ascii: " "))
        bytes.append(hundredths: width)
        bytes.append(UInt8(ascii: " "))
        bytes.append(hundredths: height)
      }
    case .number(let number):
      bytes.append(UInt8(ascii: " "))
      bytes.append(static: name)
      bytes.appendAssignment { $0.append(decimal: number) }
    case .decimal(let number):
      bytes.append(UInt8(ascii: " "))
      bytes.append(static: name)
      bytes.appendAssignment { $0.append(hundredths: number) }
    }
  }
}

extension [UInt8] {
  fileprivate mutating func appendAssignment(_ value: (inout [UInt8]) -> Void) {
    append(UInt8(ascii: "="))
    append(UInt8(ascii: "\""))
    value(&self)
    append(UInt8(ascii: "\""))
  }
}

// What every element may have.
extension Attribute {
  public static func `class`(_ names: String) -> Attribute { Attribute("class", names) }
  public static func id(_ id: String) -> Attribute { Attribute("id", id) }
  public static func title(_ text: String) -> Attribute { Attribute("title", text) }
  public static func lang(_ tag: String) -> Attribute { Attribute("lang", tag) }
  public static func dir(_ direction: Direction) -> Attribute { Attribute("dir", direction.rawValue) }
  public static func role(_ role: StaticString) -> Attribute { Attribute("role", fixed: role) }
  public static func tabindex(_ index: Int) -> Attribute { Attribute("tabindex", index) }
  public static let hidden = Attribute("hidden", .flag)
  public static func hidden(_ flag: Bool) -> Attribute { Attribute("hidden", flag: flag) }
  /// `aria-NAME` (WAI-ARIA 1.2).
  public static func aria(_ name: StaticString, _ text: String) -> Attribute { Attribute(name, .prefixed("aria-", text)) }
  /// `aria-NAME` as `true` or `false`, which ARIA tells apart from being absent.
  public static func aria(_ name: StaticString, _ flag: Bool) -> Attribute { Attribute(name, .prefixed("aria-", flag ? "true" : "false")) }
  /// `data-NAME`, read by scripts and style sheets.
  public static func data(_ name: StaticString, _ text: String) -> Attribute { Attribute(name, .prefixed("data-", text)) }
  /// `data-NAME` without a value.
  public static func data(_ name: StaticString) -> Attribute { Attribute(name, .prefixed("data-", "")) }

  /// In which direction the text runs; `auto` looks at its first strong character.
  public enum Direction: String, Sendable { case leftToRight = "ltr", rightToLeft = "rtl", auto }
}

// Links.
extension Attribute {
  /// `rel`, for what a link points to: `nofollow`, `noopener`, `next`.
  public static func rel(_ relations: StaticString) -> Attribute { Attribute("rel", fixed: relations) }
  public static let newWindow = Attribute.all([Attribute("target", "_blank"), Attribute("rel", "noopener")])
  /// Saves what the link leads to as a file of this name.
  public static func download(_ name: String) -> Attribute { Attribute("download", name) }
}

// Forms.
extension Attribute {
  public static func name(_ name: String) -> Attribute { Attribute("name", name) }
  public static func value(_ value: String) -> Attribute { Attribute("value", value) }
  public static func value(_ value: Int) -> Attribute { Attribute("value", value) }
  public static func placeholder(_ text: String) -> Attribute { Attribute("placeholder", text) }
  /// What a browser may fill in: a token of HTML's autofill field names.
  public static func autocomplete(_ token: StaticString) -> Attribute { Attribute("autocomplete", fixed: token) }
  public static func autocapitalize(_ token: StaticString) -> Attribute { Attribute("autocapitalize", fixed: token) }
  public static func inputmode(_ mode: StaticString) -> Attribute { Attribute("inputmode", fixed: mode) }
  public static func enterkeyhint(_ hint: StaticString) -> Attribute { Attribute("enterkeyhint", fixed: hint) }
  public static func spellcheck(_ flag: Bool) -> Attribute { Attribute("spellcheck", flag ? "true" : "false") }
  public static func pattern(_ expression: StaticString) -> Attribute { Attribute("pattern", fixed: expression) }
  public static func min(_ bound: String) -> Attribute { Attribute("min", bound) }
  public static func min(_ bound: Int) -> Attribute { Attribute("min", bound) }
  public static func max(_ bound: String) -> Attribute { Attribute("max", bound) }
  public static func max(_ bound: Int) -> Attribute { Attribute("max", bound) }
  public static func step(_ step: String) -> Attribute { Attribute("step", step) }
  public static func minlength(_ count: Int) -> Attribute { Attribute("minlength", count) }
  public static func maxlength(_ count: Int) -> Attribute { Attribute("maxlength", count) }
  public static func size(_ count: Int) -> Attribute { Attribute("size", count) }
  public static func rows(_ count: Int) -> Attribute { Attribute("rows", count) }
  public static func accept(_ types: String) -> Attribute { Attribute("accept", types) }
  public static func list(_ id: String) -> Attribute { Attribute("list", id) }
  /// The id of the form that a control outside of it belongs to.
  public static func form(_ id: String) -> Attribute { Attribute("form", id) }
  /// Where this button sends its form instead.
  public static func formaction(_ link: Link) -> Attribute { Attribute("formaction", link.text) }
  public static let formnovalidate = Attribute("formnovalidate", .flag)
  public static let novalidate = Attribute("novalidate", .flag)
  public static let multipart = Attribute("enctype", "multipart/form-data")
  public static let required = Attribute("required", .flag)
  public static func required(_ flag: Bool) -> Attribute { Attribute("required", flag: flag) }
  public static let disabled = Attribute("disabled", .flag)
  public static func disabled(_ flag: Bool) -> Attribute { Attribute("disabled", flag: flag) }
  public static let readonly = Attribute("readonly", .flag)
  public static func readonly(_ flag: Bool) -> Attribute { Attribute("readonly", flag: flag) }
  public static let checked = Attribute("checked", .flag)
  public static func checked(_ flag: Bool) -> Attribute { Attribute("checked", flag: flag) }
  public static let selected = Attribute("selected", .flag)
  public static func selected(_ flag: Bool) -> Attribute { Attribute("selected", flag: flag) }
  public static let multiple = Attribute("multiple", .flag)
  public static let autofocus = Attribute("autofocus", .flag)
  public static func autofocus(_ flag: Bool) -> Attribute { Attribute("autofocus", flag: flag) }
}

// Tables, lists, disclosure, images.
extension Attribute {
  public static func colspan(_ count: Int) -> Attribute { Attribute("colspan", count) }
  public static func rowspan(_ count: Int) -> Attribute { Attribute("rowspan", count) }
  /// Which cells a header cell is the header of.
  public static func scope(_ scope: Scope) -> Attribute { Attribute("scope", scope.rawValue) }
  public static func start(_ number: Int) -> Attribute { Attribute("start", number) }
  public static let open = Attribute("open", .flag)
  public static func open(_ flag: Bool) -> Attribute { Attribute("open", flag: flag) }
  public static func width(_ pixels: Int) -> Attribute { Attribute("width", pixels) }
  public static func height(_ pixels: Int) -> Attribute { Attribute("height", pixels) }
  public static let lazy = Attribute("loading", "lazy")
  /// The id of the popover that this button shows and hides.
  public static func popovertarget(_ id: String) -> Attribute { Attribute("popovertarget", id) }
  public static let popover = Attribute("popover", "auto")

  /// What a header cell heads.
  public enum Scope: String, Sendable { case column = "col", row, columnGroup = "colgroup", rowGroup = "rowgroup" }
}
