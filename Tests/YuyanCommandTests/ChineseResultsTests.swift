import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanPlot
import YuyanTraining

/// What `predict`, `data`, `info` and `bench` print where the locale is Chinese, and what they say of files.
@Suite struct ChineseResultsTests {
    private func run(_ arguments: String...) throws -> Child {
        try Child.run(
            arguments,
            environment: ["LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8", "LANGUAGE": "", "COLUMNS": "80"])
    }

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    /// The texts after the titles of a list, which begin in one column.
    private func column(_ lines: [String], at start: Int) -> [String] {
        lines.map { line in
            let title = DisplayText.prefix(line, width: start)
            #expect(DisplayText.width(title) == start && title.hasSuffix("  "), "\(line)")
            return String(line.dropFirst(title.count))
        }
    }

    @Test func predictionsNameClassesInChinese() throws {
        let folder = try DataFolder()
        let weights = folder.file("weights.safetensors")
        // Of class 0 rather than class 7 by 1, and of these rather than the others by far.
        let bias: [Float] = [101, 0, 0, 0, 0, 0, 0, 100, 0, 0]
        try Safetensors.save(
            [("1.weight", .zeros([10, 784])), ("1.bias", Tensor(bias))], to: weights)
        let (picture, text) = (folder.file("light.png"), folder.file("text.png"))
        try Image(width: 28, height: 28, pixels: [UInt8](repeating: 255, count: 784)).write(to: picture)
        try Data("text".utf8).write(to: text)
        let missing = folder.file("missing.png").path
        let child = try run(
            "predict", picture.path, text.path, missing, "--model", "softmax-regression", "--weights", weights.path,
            "--top", "2")
        #expect(child.status == 1)
        // 1 / (1 + e⁻¹) and its complement; the probabilities begin in one column.
        #expect(child.output == "\(picture.path)  28 × 28，已反色\n  T恤     0.7311\n  运动鞋  0.2689\n")
        #expect(child.errors == "错误：\(text.path)：不是 PNG 或 JPEG 图片\n错误：\(missing)：没有这个文件\n")
    }

    @Test func dataSetsAreDescribedInChinese() throws {
        let listed = lines(try run("data", "list", "--data", "/none/such").output)
        #expect(listed.first == "fashion-mnist  服装的灰度图片")
        #expect(
            column(Array(listed.dropFirst()), at: 10) == [
                "训练 60,000，测试 10,000", "[1, 28, 28]", "T恤、长裤、套头衫、连衣裙、外套、凉鞋、衬衫、运动鞋、包、短靴",
                "/none/such（没有：apt install dataset-fashion-mnist，或用 --data FOLDER 指定）",
            ])
        #expect(listed.dropFirst().map { $0.split(separator: " ")[0] } == ["样本数", "形状", "类别", "文件夹"])
        let folder = try DataFolder()
        let samples = folder.file("samples").path
        let exported = try run(
            "data", "export", "fashion-mnist", "--count", "2", "--output", samples, "--data", folder.path)
        #expect(exported.output == "2 张图片，存入 \(samples)：00-t-shirt.png … 01-trouser.png\n", "\(exported.errors)")
        let shown = lines(try run("data", "show", "fashion-mnist", "--count", "2", "--data", folder.path).output)
        #expect(shown.first == "fashion-mnist，训练：64 个中的 2 个")
        #expect(shown.dropLast().last?.split(separator: " ").map(String.init) == ["T恤", "长裤"])
        #expect(shown.last?.contains("第 1 个") == true)
    }

    @Test func theMachineIsDescribedInChinese() throws {
        let info = lines(try run("info").output)
        let texts = column(info, at: 10)
        #expect(texts[0].hasPrefix("0.2.0，"))
        let titles = info.map { String($0.prefix { $0 != " " }) }.filter { !$0.isEmpty }
        let expected = ["Yuyan", "系统", "处理器", "指令集", "雨燕所用", "oneDNN", "LAPACK", "设备", "线程数", "核数", "内存"]
        #expect(Array(titles.prefix(expected.count)) == expected)
        #expect(texts.contains { $0.contains("；正在用 ") } && texts.contains { $0.contains("，可用 ") })
    }

    @Test func timesAreShownInChinese() throws {
        let folder = try DataFolder()
        let child = try run(
            "bench", "--workloads", "linear-regression", "--seconds", "0.01", "--json", folder.file("a.json").path)
        #expect(child.status == 0, "\(child.errors)")
        let found = lines(child.output)
        let head = try #require(found.firstIndex { $0.hasPrefix("任务  ") })
        #expect(found[head].split(separator: " ") == ["任务", "批量", "毫秒/步", "样本/秒", "GFLOP/s", "占极限", "内存"])
        #expect(DisplayText.width(found[head]) == DisplayText.width(found[head + 1]))
        for line in found { #expect(DisplayText.width(line) <= 80, "\(line)") }
    }

    @Test func brokenRunsAreNamedInChinese() throws {
        let folder = try DataFolder()
        let broken = folder.file("runs/a")
        try FileManager.default.createDirectory(at: broken, withIntermediateDirectories: true)
        try Data("{\"format_version\":1}".utf8).write(to: broken.appendingPathComponent("configuration.json"))
        let child = try run("runs", "--root", folder.file("runs").path)
        #expect(child.errors == "损坏：\(broken.path)/configuration.json：格式版本是 1；这个雨燕读 2\n")
    }

    @Test(arguments: [
        (["data", "export", "fashion-mnist", "--count", "0", "--output", "x"], "--count 必须是大于 0 的整数，不能是 '0'。"),
        (["data", "show", "fashion-mnist", "--output", "x.gif"], "--output 必须是以 .png 或 .svg 结尾的文件，不能是 'x.gif'。"),
        (["data", "list", "--data", ""], "--data 必须是文件夹，不能是 ''。"),
        (["predict", "x.png"], "请给出 --run，或者 --model 和 --weights。"),
        (["predict", "x.png", "--model", "mlp"], "--weights：mlp 需要权重文件。"),
        (["predict", "x.png", "--run", "/none/such"], "/none/such：没有这个文件夹"),
        (
            ["predict", "x.png", "--invert", "on", "--run", "a"],
            "'--invert <invert>' 不能取值 'on'，可以是 'auto', 'yes' 或 'no'。"
        ),
        (["evaluate", "nothing"], "'nothing' 既不是训练的文件夹，也不是模型"),
        (["bench", "--workloads", "x"], "--workloads：没有 'x'，有 "),
        (
            ["bench", "--json", "/none/such/a", "--workloads", "mlp", "--seconds", "0"],
            "--seconds 必须大于 0，最大 3600，不能是 '0.0'。"
        ),
        (["data", "export", "fashion-mnist", "--output", "/proc/x"], "/proc/x：不能写：没有这个文件或文件夹"),
    ])
    func rarerErrorsAreChinese(arguments: [String], message: String) throws {
        let folder = try DataFolder()
        let isExport = arguments.contains("/proc/x")
        let child = try Child.run(
            arguments + (isExport ? ["--data", folder.path] : []),
            environment: ["LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8", "LANGUAGE": "", "COLUMNS": "80"])
        #expect(child.status != 0 && child.output == "")
        #expect(child.errors.hasPrefix("错误：\(message)"), "\(child.errors)")
    }
}
