internal import Markup

/// What a picture stands for: logos have corners, portraits are round.
enum PictureKind: String { case logo, portrait }

/// A picture in the place of a seal or monogram. The name always stands beside it, so it says nothing itself.
func picture(_ address: Link, _ size: SealSize = .small, _ kind: PictureKind) -> HTML {
  img(src: .at(address), alt: "", .class("seal picture \(kind.rawValue) \(size.rawValue)"), .width(20), .height(20))
}

/// A form to choose a picture, or to take the present one away.
func pictureForm(_ action: Link, _ state: FormState, figure: HTML, hasPicture: Bool, token: FormToken) -> HTML {
  postForm(action, state, token: token, .multipart) {
    figure
    textField(
      "Picture", "picture", in: state, type: .file, hint: "PNG, JPEG or WebP, at most 256 kB and 2,048 pixels a side.", optional: true, .accept("image/png,image/jpeg,image/webp"))
    buttonRow {
      submitButton("Use this picture")
      if hasPicture { submitButton("Remove it", .plain, .name("remove"), .value("yes")) }
    }
  }
}
