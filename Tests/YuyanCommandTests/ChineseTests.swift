import Foundation
import Testing
import YuyanTraining

/// What the command says where the locale is Chinese. The locale need not be installed.
@Suite struct ChineseTests {
    private static let chinese = [
        "LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8", "LANGUAGE": "", "COLUMNS": "80",
    ]
    private static let english = ["LC_ALL": "C", "LANG": "zh_CN.UTF-8", "COLUMNS": "80"]

    private func run(_ arguments: String..., in environment: [String: String] = chinese) throws -> Child {
        try Child.run(arguments, environment: environment)
    }

    private func isChinese(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.contains { $0.properties.isIdeographic }
    }

    /// Cells of a terminal.
    private func cells(_ text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) {
            $0 + ($1.properties.isIdeographic || "，。；：、（）《》".unicodeScalars.contains($1) ? 2 : 1)
        }
    }

    @Test(arguments: [
        ["train", "--help"], ["help", "train"], ["--help"], [], ["help"], ["report", "--help"], ["runs", "--help"],
        ["runs", "compare", "--help"],
        ["evaluate", "--help"], ["predict", "--help"], ["summary", "--help"], ["graph", "--help"],
        ["data", "--help"], ["data", "show", "--help"], ["data", "export", "--help"], ["data", "list", "--help"],
        ["bench", "--help"], ["info", "--help"], ["operations", "--help"],
        ["lab", "--help"], ["lab", "list", "--help"], ["lab", "run", "--help"], ["lab", "show", "--help"],
        ["lab", "copy", "--help"],
    ])
    func helpIsChineseAndFits(arguments: [String]) throws {
        let child = try Child.run(arguments, environment: ChineseTests.chinese)
        #expect(child.status == 0 && child.output.hasPrefix("概述："), "\(child.errors)")
        for line in child.output.split(separator: "\n") where !line.hasPrefix("用法：") {
            #expect(cells(line) <= 80, "\(line)")
            // Nothing but names and examples is left in English, also if the English has been changed.
            #expect(line.contains("yuyan ") || line.firstMatch(of: /[a-z]{2,} [a-z]{2,} [a-z]{2,}/) == nil, "\(line)")
        }
        for title in ["\n选项：\n", "\n用法：yuyan "] { #expect(child.output.contains(title), "\(title)") }
        for title in ["OVERVIEW", "OPTIONS", "(default:", "(values:"] {
            #expect(!child.output.contains(title), "\(title)")
        }
    }

    @Test func helpKeepsAllOptionsAndDefaults() throws {
        func options(_ text: String) -> [String] { text.matches(of: /\n  (-[-a-z, ]+)/).map { String($0.output.1) } }
        let (chinese, english) = (try run("train", "--help"), try run("train", "--help", in: ChineseTests.english))
        #expect(english.output.hasPrefix("OVERVIEW: ") && !isChinese(english.output))
        #expect(options(chinese.output) == options(english.output) && options(chinese.output).count > 15)
        #expect(chinese.output.contains("遍历训练集的轮数。（默认：10, linear-regression 3）"))
        #expect(
            chinese.output.contains(
                "（可选：lenet, mlp, dropout-mlp,\n                          softmax-regression, linear-regression, alexnet,"
            )
        )
    }

    @Test func trainingHasTheSameNumbersInBothLanguages() throws {
        let folder = try DataFolder()
        func train(_ name: String, _ environment: [String: String]) throws -> (output: String, numbers: String) {
            let run = folder.file(name)
            let child = try Child.run(
                [
                    "train", "mlp", "--data", folder.path, "--epochs", "2", "--batch-size", "8", "--output", run.path,
                    "--threads", "1",
                ], environment: environment)
            #expect(child.status == 0, "\(child.errors)")
            return (child.output, try String(contentsOf: run.appendingPathComponent("metrics.csv"), encoding: .utf8))
        }
        let (chinese, english) = (try train("a", ChineseTests.chinese), try train("b", ChineseTests.english))
        #expect(chinese.numbers == english.numbers)
        let lines = chinese.output.split(separator: "\n")
        let head = try #require(lines.firstIndex { $0.hasPrefix("轮次  ") })
        #expect(lines[head].split(separator: " ") == ["轮次", "训练损失", "准确率", "验证损失", "准确率", "样本/秒", "用时"])
        // The columns end where their titles do.
        for row in lines[(head + 1)...(head + 2)] { #expect(cells(row) == cells(lines[head]), "\(row)") }
        for text in [
            "批量大小 8，学习率 0.1，随机种子 0", "样本数：训练 58，验证 6，测试 20", "\n测试准确率 0.", "\n权重  ", "\n生成带曲线和错例的网页：yuyan report ",
        ] {
            #expect(chinese.output.contains(text), "\(text)")
        }
        #expect(!isChinese(english.output))
        func decimals(_ text: String) -> [String] { text.matches(of: /\b\d\.\d{4}\b/).map { String($0.output) } }
        #expect(decimals(chinese.output) == decimals(english.output) && decimals(chinese.output).count == 9)

        let overview = try run("runs", "--root", folder.path)
        #expect(overview.output.split(separator: "\n").first?.hasPrefix("训练  ") == true, "\(overview.output)")
        #expect(overview.output.contains("已完成"))
        let shown = try run("runs", "show", folder.file("a").path)
        for text in ["批量大小", "最佳验证准确率 0.", "检查点间隔", "1 轮\n"] { #expect(shown.output.contains(text), "\(text)") }
        let evaluation = try run("evaluate", folder.file("a").path, "--data", folder.path)
        for text in ["测试损失 ", "召回率", "短靴"] { #expect(evaluation.output.contains(text), "\(text)") }
    }

    @Test func jsonStaysEnglish() throws {
        let folder = try DataFolder()
        func keys(_ environment: [String: String]) throws -> [String] {
            let child = try Child.run(
                ["train", "mlp", "--data", folder.path, "--epochs", "1", "--no-save", "--json", "--quiet"],
                environment: environment)
            let object = try JSONSerialization.jsonObject(with: Data(child.output.utf8)) as? [String: Any]
            #expect(!isChinese(child.output), "\(child.output)")
            return try #require(object).keys.sorted()
        }
        let own = try keys(ChineseTests.chinese)
        #expect(own == (try keys(ChineseTests.english)) && own.contains("learning_rate"))
        let run = folder.file("run")
        _ = try trainQuietly(folder, run)
        let evaluation = try self.run("evaluate", run.path, "--data", folder.path, "--json")
        #expect(evaluation.output.contains("\"ankle boot\"") && !isChinese(evaluation.output))
    }

    private func trainQuietly(_ folder: DataFolder, _ output: URL) throws -> Child {
        try run("train", "mlp", "--data", folder.path, "--epochs", "1", "--output", output.path, "--quiet")
    }

    @Test(
        arguments: [
            (["train", "mlp", "--epochs", "0"], 64, "错误：--epochs 必须是大于 0 的整数，不能是 '0'。\n"),
            (["train", "mlp", "--threads", "0"], 64, "错误：--threads 必须是 1 到 "),
            (["train", "mlp", "--epoch", "1"], 64, "错误：没有选项 '--epoch'，是不是 '--epochs'？\n"),
            (["train", "foo"], 64, "错误：'<model>' 不能取值 'foo'，可以是：\n  - lenet\n"),
            (["train"], 64, "错误：缺少模型的名称 '<model>'\n用法：yuyan train "),
            (["trian"], 64, "错误：没有命令 'trian'，是不是 'train'？\n"),
            (["evaluate", "/none/such"], 1, "错误：/none/such：没有这个文件夹\n"),
            (["train", "mlp", "--data", "/none/such"], 1, "错误：/none/such/train-images-idx3-ubyte.gz：没有这个文件"),
        ])
    func commonErrorsAreChinese(arguments: [String], status: Int32, message: String) throws {
        let child = try Child.run(
            arguments + (status == 1 && arguments[0] == "train" ? ["--no-save"] : []), environment: ChineseTests.chinese
        )
        #expect(child.status == status && child.output == "")
        #expect(child.errors.hasPrefix(message), "\(child.errors)")
        let english = try Child.run(arguments, environment: ChineseTests.english)
        #expect(english.status == status && english.errors.hasPrefix("Error: ") && !isChinese(english.errors))
    }

    @Test func theLanguageIsFoundAsGettextFindsIt() throws {
        for (environment, isChinese) in [
            (["LC_ALL": "zh_CN.UTF-8", "LANGUAGE": ""], true),
            (["LC_ALL": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"], true),
            (["LC_ALL": "zh_CN.UTF-8", "LANGUAGE": "en"], false), (["LC_ALL": "C", "LANGUAGE": "zh_CN"], false),
        ] {
            #expect(
                try run("--help", in: environment).output.hasPrefix(isChinese ? "概述" : "OVERVIEW"), "\(environment)")
        }
    }

    // MARK: The words themselves

    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
    }

    /// English and Chinese of all tables.
    private static func words(
        in files: [String] = [
            "YuyanTraining/Language/ChineseText.swift", "YuyanCommand/Chinese/ChineseNotices.swift",
            "YuyanCommand/Chinese/ChineseErrors.swift", "YuyanCommand/Chinese/ChineseHelp.swift",
            "YuyanCommand/Chinese/ChineseHelp+Commands.swift", "YuyanCommand/Chinese/ChineseResults.swift",
        ]
    ) throws -> [(key: String, value: String)] {
        try files.flatMap { file in
            try text(file).matches(of: /"((?:[^"\\]|\\.)+)":\s+"((?:[^"\\]|\\.)*)"/).map {
                (String($0.output.1), String($0.output.2))
            }
        }
    }

    /// The keys of the texts that a source puts into the user's language, such as `loss %1`.
    private static func keys(_ source: String, after call: String) -> [String] {
        var keys: [String] = []
        for piece in source.components(separatedBy: call).dropFirst() {
            var rest = piece.drop { $0.isWhitespace }
            guard rest.first == "\"" else { continue }
            rest = rest.dropFirst()
            var (key, count) = ("", 0)
            while let character = rest.first, character != "\"" {
                rest = rest.dropFirst()
                guard character == "\\", rest.first == "(" else {
                    key.append(character)
                    continue
                }
                count += 1
                key += "%\(count)"
                var depth = 0
                while let next = rest.first {
                    rest = rest.dropFirst()
                    depth += next == "(" ? 1 : next == ")" ? -1 : 0
                    if depth == 0 { break }
                }
            }
            keys.append(key)
        }
        return keys
    }

    @Test func everyTextHasItsChinese() throws {
        let known = Set(try ChineseTests.words().map(\.key))
        #expect(known.count > 200)
        var count = 0
        let enumerator = FileManager.default.enumerator(at: ChineseTests.sources, includingPropertiesForKeys: nil)
        for case let file as URL in try #require(enumerator) where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
                .replacing(/\/\/\/.*/, with: "")
            for key in ChineseTests.keys(source, after: "localized(") + ChineseTests.keys(source, after: " language(")
                + ChineseTests.keys(source, after: "(language(") + ChineseTests.keys(source, after: "[language(")
            {
                count += 1
                let isKnown = known.contains(key)
                #expect(isKnown, "\(file.lastPathComponent): \(key)")
            }
        }
        #expect(count > 80)
        let page = try ChineseTests.text("YuyanTraining/Report/report.mustache")
        for match in page.matches(of: /\{\{#t\}\}(.*?)\{\{\/t\}\}/) {
            #expect(known.contains(String(match.output.1)), "\(match.output.1)")
        }
    }

    @Test func everyErrorOfTheOptionsHasItsChinese() throws {
        // Of two values and nothing else would be any text.
        let words = try ChineseTests.words(in: ["YuyanCommand/Chinese/ChineseErrors.swift"]).filter {
            $0.key != "%1: %2"
        }
        let patterns = try words.map { word in
            let escaped = NSRegularExpression.escapedPattern(for: word.key)
            return try NSRegularExpression(pattern: "^" + escaped.replacing(/%[1-9]/, with: "(.*?)") + "$")
        }
        let folder = ChineseTests.sources.appendingPathComponent("YuyanCommand")
        var count = 0
        let enumerator = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        for case let file as URL in enumerator where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            for key in ChineseTests.keys(source, after: "ValidationError(") where !key.isEmpty {
                count += 1
                let range = NSRange(key.startIndex..., in: key)
                let isKnown = patterns.contains { $0.firstMatch(in: key, range: range) != nil }
                #expect(isKnown, "\(file.lastPathComponent): \(key)")
            }
        }
        #expect(count > 30)
    }

    @Test func translationsUseTheValuesTheyAreGiven() throws {
        func places(_ text: String) -> Set<String> { Set(text.matches(of: /%[1-9]/).map { String($0.output) }) }
        for (key, value) in try ChineseTests.words() { #expect(places(key) == places(value), "\(key)") }
    }
}
