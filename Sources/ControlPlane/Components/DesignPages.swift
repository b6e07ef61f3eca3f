import Kernel
import Markup

/// The page that shows every component in every state, for those who build and those who look at a demonstration.
struct DesignPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    guard plane.settings.isDemonstration else { return [] }
    return [
      .page("/design") { _ in
        // What stands in there does nothing when it is pressed, and its times stand still.
        .page(ConsolePage("Design", in: .personal(section: "design")) { div(.class("frozen"), .data("frozen")) { designPage() } })
      }
    ]
  }
}
