import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanModels
import YuyanTraining

@Suite struct RunReportTests {
    /// A report whose texts would be markup if they were not escaped.
    private func report(hasEvaluation: Bool = true) -> RunReport {
        let configuration = RunConfiguration(
            recipe: RecipeSettings(
                model: "lenet", dataSet: "<b>&\"data\"", dataFolder: "it's", validationFraction: 0.25, batchSize: 4,
                learningRate: 0.5, momentum: 0.25),
            epochs: 3, seed: 7, device: "cpu", threads: 2)
        let records = (1...2).map { (number: Int) -> EpochRecord in
            let epoch = Double(number)
            return EpochRecord(
                epoch: number, trainLoss: 2.5 / epoch, trainMetrics: ["accuracy": 0.25 * epoch],
                validationLoss: 3 / epoch, validationMetrics: ["accuracy": 0.75 / epoch], samplesPerSecond: 1234,
                seconds: 1.5)
        }
        var confusion = ConfusionMatrix(classNames: ["<i>cat</i>", "dog"])
        confusion.add(labels: [0, 0, 0, 1], predictions: [0, 1, 1, 1])
        let mistake = ClassifierEvaluation.Prediction(
            index: 41, label: 0, prediction: 1, probability: 0.97, labelProbability: 0.03,
            input: Tensor([0, 0.5, 1, 0.25] as [Float], shape: [1, 2, 2]).hostArray)
        let example = ClassifierEvaluation.Prediction(
            index: 0, label: 1, prediction: 1, probability: 0.8, labelProbability: 0.8, input: mistake.input)
        return RunReport(
            name: "<script>alert(1)</script>", configuration: configuration, records: records,
            model: ModelSummary(makeLeNet(), inputShape: [1, 1, 28, 28]),
            evaluation: hasEvaluation
                ? ClassifierEvaluation(
                    loss: 1.5, confusion: confusion, worstMistakes: [mistake], examples: [example, mistake])
                : nil,
            test: hasEvaluation ? nil : TestRecord(epoch: 2, loss: 0.125))
    }

    @Test func escapesAllText() {
        let page = report().html(in: .english)
        #expect(page.contains("<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>"))
        #expect(page.contains("&lt;b&gt;&amp;&quot;data&quot;"))
        #expect(page.contains("&lt;i&gt;cat&lt;/i&gt;"))
        for markup in ["<script", "<b>&", "<i>cat", "http://", "https://", "{{"] {
            #expect(!page.contains(markup), "\(markup)")
        }
        #expect(page.contains("--data &#39;it&#39;\\&#39;&#39;s&#39;"))
    }

    @Test func isWellFormed() throws {
        for language in Language.allCases {
            for hasEvaluation in [true, false] {
                let page = report(hasEvaluation: hasEvaluation).html(in: language)
                var open: [Substring] = []
                for tag in page.matches(of: /<(\/?)([a-z0-9]+)[^>]*>/) {
                    let name = tag.output.2
                    if ["meta", "img", "br"].contains(name) { continue }
                    if tag.output.1.isEmpty {
                        open.append(name)
                    } else {
                        #expect(open.popLast() == name)
                    }
                }
                #expect(open.isEmpty)
            }
        }
    }

    @Test func showsNumbersAndPictures() throws {
        let page = report().html(in: .english)
        #expect(page.contains("<html lang=\"en\">"))
        #expect(page.contains("<b>0.5000</b><span>test accuracy</span>"))
        #expect(page.contains("<b>1.5000</b><span>test loss</span>"))
        #expect(page.contains("<b>0.7500</b><span>validation accuracy (best, in epoch 1)</span>"))
        #expect(page.contains("<b>1.5000</b><span>validation loss</span>"))
        #expect(page.contains("<b>2/3</b><span>epochs</span>"))
        #expect(page.contains("<td>2</td><td>1.2500</td><td>0.5000</td><td>1.5000</td><td>0.3750</td><td>1,234</td>"))
        #expect(page.contains("61,706 parameters"))
        #expect(
            page.contains(
                "yuyan train lenet --epochs 3 --batch-size 4 --learning-rate 0.5 --momentum 0.25 --seed 7 --device cpu"
                    + " --threads 2 --validation-fraction 0.25 --data"))
        let picture = try #require(page.firstMatch(of: /data:image\/png;base64,([^"]+)"/)?.output.1)
        let image = try Image(data: [UInt8](try #require(Data(base64Encoded: String(picture)))), path: "page")
        #expect(image.width == 2 && image.height == 2 && image.pixels == [0, 128, 255, 64])
        #expect(page.contains("<em>dog</em> <i>97%</i>") && page.contains("no. 41"))
    }

    /// True over predicted, and what is wrong in its own color.
    @Test func showsTheFirstSamples() {
        let page = report().html(in: .english)
        #expect(page.contains("First samples"))
        #expect(page.contains("<figcaption>dog<br><i>dog</i></figcaption>"))
        #expect(page.contains("<figcaption>&lt;i&gt;cat&lt;/i&gt;<br><em>dog</em></figcaption>"))
        #expect(page.contains(".examples { display: grid; grid-template-columns: repeat(9, 1fr);"))
        let phone = page.firstMatch(of: /@media \(max-width: 600px\) \{(?s:.*?)\n\}/)?.output ?? ""
        #expect(phone.contains(".examples { grid-template-columns: repeat(3, 1fr); }"))
        var bare = report()
        bare.evaluation?.examples = []
        #expect(!bare.html(in: .english).contains("First samples"))
    }

    /// The texts of a picture in its order: those of the axes are numbers.
    private func numbers(in picture: String, of report: RunReport) throws -> [Double] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try report.writePictures(to: folder, in: .english)
        let text = try String(contentsOf: folder.appendingPathComponent(picture), encoding: .utf8)
        return text.matches(of: />(-?[0-9.]+)</).compactMap { Double($0.output.1) }
    }

    /// The book's figure: train loss and both accuracies over the epochs from the first to the last.
    @Test func drawsTheCurvesOfTheBook() throws {
        var report = report()
        func record(_ epoch: Int, _ loss: Double, _ train: Double, _ validation: Double) -> EpochRecord {
            EpochRecord(
                epoch: epoch, trainLoss: loss, trainMetrics: ["accuracy": train], validationLoss: 1.9,
                validationMetrics: ["accuracy": validation], samplesPerSecond: 1, seconds: 1)
        }
        report.records = [record(1, 0.78, 0.75, 0.74), record(2, 0.6, 0.8, 0.79), record(3, 0.5, 0.82, 0.81)]
        report.curveRange = 0.3...0.9
        let epochs = [1.0, 2, 3]
        let book = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
        #expect(try numbers(in: "curves.svg", of: report) == book + epochs)
        #expect(report.html(in: .english).contains("loss and accuracy: train loss 0.5000, train accuracy 0.8200, val"))
        // Without the validation loss, which the book has not.
        #expect(!report.html(in: .english).contains("loss and accuracy: train loss 0.5000, validation loss"))
        // No point is cut off.
        report.records[0].trainLoss = 1.04
        let wide = try numbers(in: "curves.svg", of: report)
        #expect(wide.suffix(3) == epochs && wide.dropLast(3).first == 0.4 && wide.dropLast(3).last == 1)
        report.records[0].trainLoss = 0.78
        report.records[2].trainLoss = 0.21
        #expect(try numbers(in: "curves.svg", of: report) == [0.2, 0.4, 0.6, 0.8] + epochs)
        // A loss that has no place leaves a gap.
        report.records[2].trainLoss = .nan
        #expect(try numbers(in: "curves.svg", of: report) == book + epochs)
        // Where nothing is said, the values decide, as for other metrics.
        report.curveRange = nil
        #expect(try numbers(in: "curves.svg", of: report).first == 0.6)
        for index in report.records.indices {
            report.records[index].trainMetrics = [:]
            report.records[index].validationMetrics = [:]
        }
        #expect(!report.html(in: .english).contains("loss and accuracy"))
    }

    @Test func speaksChinese() {
        let page = report().html(in: .chinese)
        #expect(page.contains("<html lang=\"zh-CN\">"))
        for text in [
            "混淆矩阵", "测试准确率", "验证损失", "验证集比例", "学习率", "最严重的错误", "训练曲线", "最前面的样本", "损失与准确率", "<td class=\"t w\">无</td>",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(
            page.contains("3.00 秒") && page.contains(">LeNet 卷积网络 · ") && page.contains("<td class=\"t w\">1 轮</td>"))
        for word in [
            "1epoch", "3.00 s", "Confusion", "learning rate<", "Curves", "First samples", "accuracy:", "mistakes<",
        ] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func fitsAPhoneAndTheDark() {
        let page = report().html(in: .english)
        let phone = page.firstMatch(of: /@media \(max-width: 600px\) \{(?s:.*?)\n\}/)?.output ?? ""
        // The settings of layers are too wide; all other columns stay.
        // Likewise speed and time, the last two columns of the epochs.
        #expect(phone.contains(".s, .epochs tr > :nth-last-child(-n + 2) { display: none; }"))
        #expect(page.contains("<table class=\"epochs\">") && page.contains("<th>samples/s</th><th>time</th></tr>"))
        #expect(page.contains("<th class=\"t s\">settings</th>"))
        #expect(page.contains("<td class=\"t s\">inputChannels: 1, outputChannels: 6, kernelSize: 5, padding: 2</td>"))
        #expect(page.firstMatch(of: /prefers-color-scheme: dark\) \{[^}]*\.chart img \{ filter: invert/) != nil)
        #expect(!page.contains("background: #fff;"))
    }

    @Test func showsSmallLossesOnALogarithmicAxis() {
        var report = report(hasEvaluation: false)
        let logarithmic = "logarithmic scale"
        func axes(_ losses: [Double]) -> Bool {
            report.records = losses.enumerated().map {
                EpochRecord(epoch: $0 + 1, trainLoss: $1, samplesPerSecond: 1, seconds: 1)
            }
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-\(UUID().uuidString)")
            try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try? report.writePictures(to: folder, in: .english)
            let picture = try? String(contentsOf: folder.appendingPathComponent("loss.svg"), encoding: .utf8)
            return picture?.contains(logarithmic) == true
        }
        #expect(axes([2.87, 0.02, 1e-4]))
        #expect(!axes([2.3, 0.9, 0.4]))
    }

    @Test func showsWhatWasToBeLearned() {
        var report = report(hasEvaluation: false)
        #expect(!report.html(in: .english).contains("Learned parameters"))
        report.knownParameters = [
            .init(name: "w[1]", truth: -3.4, learned: -3.39975), .init(name: "b", truth: 4.2, learned: 4.2),
        ]
        let page = report.html(in: .english)
        #expect(page.contains("<td class=\"t k\">w[1]</td><td>-3.4</td><td>-3.399750</td><td>+0.000250</td>"))
        #expect(page.contains("<td class=\"t k\">b</td><td>4.2</td><td>4.200000</td><td>+0.000000</td>"))
        #expect(report.html(in: .chinese).contains("学到的参数"))
    }

    @Test func leavesOutWhatThereIsNot() {
        var report = report(hasEvaluation: false)
        #expect(!report.html(in: .english).contains("Confusion matrix"))
        #expect(report.html(in: .english).contains("<b>0.1250</b><span>test loss</span>"))
        report.records = []
        #expect(report.html(in: .english).contains("<b>0</b><span>epochs</span>"))
    }

    @Test(
        arguments: [
            (0.003, "3 ms", "3 毫秒"), (0.42, "0.42 s", "0.42 秒"), (12.3, "12.3 s", "12.3 秒"),
            (245, "4:05 min", "4分05秒"), (3723, "1:02:03 h", "1小时02分"),
        ])
    func durationsHaveTheirUnits(seconds: Double, english: String, chinese: String) {
        #expect(NumberText.duration(seconds) == english)
        #expect(NumberText.duration(seconds, in: .chinese) == chinese)
    }

    @Test(
        arguments: [
            (["LANG": "zh_CN.UTF-8"], Language.chinese), (["LANG": "de_DE.UTF-8"], .english), ([:], .english),
            (["LC_ALL": "C", "LANG": "zh_CN.UTF-8"], .english), (["LC_ALL": "", "LC_MESSAGES": "zh_TW"], .chinese),
            (["LC_ALL": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"], .chinese),
            (["LANG": "zh_CN.UTF-8", "LANGUAGE": "en:zh"], .english),
            (["LANG": "de_DE", "LANGUAGE": "de:fr:zh"], .chinese), (["LANG": "zh_CN", "LANGUAGE": "de"], .english),
            (["LC_ALL": "C", "LANGUAGE": "zh_CN"], .english), (["LANGUAGE": "zh_CN"], .english),
            (["LANG": "zh_CN", "LANGUAGE": ""], .chinese), (["LANG": "zha_CN"], .english),
        ] as [([String: String], Language)])
    func languageIsThatOfTheEnvironment(environment: [String: String], language: Language) {
        #expect(Language(environment: environment) == language)
    }
}
