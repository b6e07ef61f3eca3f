internal import Markup

/// Rows of a matrix that belong together.
struct MatrixGroup {
  let title: String
  /// Each with a mark for every column that has it.
  let rows: [(title: String, marks: [Bool])]

  init(_ title: String, _ rows: [(title: String, marks: [Bool])]) { (self.title, self.rows) = (title, rows) }
}

/// What each column has of each row. On narrow screens a row names the columns that have it. `corner` is the head of the rows' names.
func matrix(_ caption: String, corner: String, columns: [String], _ groups: [MatrixGroup]) -> HTML {
  table(.class("matrix")) {
    Markup.caption { caption }
    thead {
      tr {
        th(.scope(.column)) { corner }
        for column in columns { th(.scope(.column)) { column } }
      }
    }
    for group in groups {
      tbody {
        tr(.class("group")) { th(.scope(.rowGroup), .colspan(columns.count + 1)) { group.title } }
        for row in group.rows {
          tr {
            th(.scope(.row)) { row.title }
            for (column, isMarked) in zip(columns, row.marks) { cell(isMarked, column) }
          }
        }
      }
    }
  }
}

private func cell(_ isMarked: Bool, _ column: String) -> HTML {
  guard isMarked else { return td(.class("without")) { span(.class("visually-hidden")) { "no" } } }
  return td(.data("label", column)) {
    Icon.check.html
    span(.class("visually-hidden")) { "yes" }
  }
}

/// What can be chosen of one kind of thing.
struct ChoiceRow {
  let title: String
  let choices: [Choice]

  init(_ title: String, _ choices: [Choice]) { (self.title, self.choices) = (title, choices) }
}

/// Any of many, in rows of their kinds; `fixed` are chosen and stay so. On narrow screens the choices stand below the name of their row.
func choiceMatrix(_ name: String, _ rows: [ChoiceRow], in form: FormState, fixed: Set<String> = []) -> HTML {
  let chosen = Set(form.values(name))
  return div(.class("choice-matrix")) {
    for row in rows {
      div(.role("group"), .aria("label", row.title)) {
        span(.class("row-name")) { row.title }
        div(.class("cells")) {
          for choice in row.choices {
            let isFixed = fixed.contains(choice.value)
            label(.class("choice")) {
              input(
                .checkbox, name: name, .value(choice.value), .checked(isFixed || chosen.contains(choice.value)), .disabled(isFixed || choice.isDisabled))
              span { choice.label }
            }
          }
        }
      }
    }
  }
}
