import ArgumentParser
import Kernel

struct CompletionsCommand<Local: LocalCommands>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "completions", abstract: "Print the script that lets your shell complete guildhall's words.",
      discussion: """
        bash: guildhall completions bash > ~/.local/share/bash-completion/completions/guildhall
        zsh:  guildhall completions zsh > ~/.zfunc/_guildhall, with ~/.zfunc in fpath
        fish: guildhall completions fish > ~/.config/fish/completions/guildhall.fish
        """)
  }

  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  @Argument(help: "Your shell.") var shell: Shell

  func run() throws {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    throw CleanExit.message(GuildhallCommand<Local>.completionScript(for: kind))
  }
}
