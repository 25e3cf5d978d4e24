import Yuyan

/// A text in the language of whoever uses the command.
func localized(_ message: Message) -> String { Language.current.text(message, commandWords) }

/// A word that is only known when the program runs.
func localized(word: String) -> String { localized(Message(key: word)) }

private let commandWords = ChineseText.library.merging(ChineseNotices.words) { _, own in own }
    .merging(ChineseResults.words) { _, own in own }.merging(ChineseHelp.models) { _, own in own }
