public import Kernel

extension Problem.Code {
  /// A handle or slug that belongs, or belonged, to somebody else.
  public static let takenName = Self("name.taken", .conflict, "This name is taken")
  /// A secret that came in a mail and doesn't open anything any more.
  public static let spentLink = Self("link.spent", .gone, "This link doesn't work any more")
  /// Too many attempts in a short time.
  public static let throttled = Self("throttled", .limited, "Too many attempts")
}
