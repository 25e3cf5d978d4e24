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
            yuyanVersion: "0.1.0", model: "lenet", dataSet: "<b>&\"data\"", dataFolder: "it's",
            validationFraction: 0.25,
            epochs: 3, batchSize: 4, learningRate: 0.5, momentum: 0.25, seed: 7, device: "cpu", threads: 2)
        let records = (1...2).map { epoch in
            EpochRecord(
                epoch: epoch, trainLoss: 2.5 / Double(epoch), trainMetrics: ["accuracy": 0.25 * Double(epoch)],
                validationLoss: 3 / Double(epoch), validationMetrics: ["accuracy": 0.75 / Double(epoch)],
                samplesPerSecond: 1234, seconds: 1.5)
        }
        var confusion = ConfusionMatrix(classNames: ["<i>cat</i>", "dog"])
        confusion.add(labels: [0, 0, 0, 1], predictions: [0, 1, 1, 1])
        let mistake = ClassifierEvaluation.Mistake(
            index: 41, label: 0, prediction: 1, probability: 0.97, labelProbability: 0.03,
            input: Tensor([0, 0.5, 1, 0.25] as [Float], shape: [1, 2, 2]).hostArray)
        return RunReport(
            name: "<script>alert(1)</script>", configuration: configuration, records: records,
            model: ModelSummary(makeLeNet(), inputShape: [1, 1, 28, 28]),
            evaluation: hasEvaluation
                ? ClassifierEvaluation(loss: 1.5, confusion: confusion, worstMistakes: [mistake]) : nil,
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
        for language in RunReport.Language.allCases {
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

    @Test func speaksChinese() {
        let page = report().html(in: .chinese)
        #expect(page.contains("<html lang=\"zh-CN\">"))
        for text in ["混淆矩阵", "测试准确率", "验证损失", "验证集比例", "学习率", "最严重的错误", "训练曲线", "<td class=\"t w\">无</td>"] {
            #expect(page.contains(text), "\(text)")
        }
        for word in ["Confusion", "learning rate<", "Curves", "mistakes<"] { #expect(!page.contains(word), "\(word)") }
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
            (["LANG": "zh_CN.UTF-8"], RunReport.Language.chinese), (["LANG": "de_DE.UTF-8"], .english), ([:], .english),
            (["LC_ALL": "C", "LANG": "zh_CN.UTF-8"], .english), (["LC_ALL": "", "LC_MESSAGES": "zh_TW"], .chinese),
        ] as [([String: String], RunReport.Language)])
    func languageIsThatOfTheEnvironment(environment: [String: String], language: RunReport.Language) {
        #expect(RunReport.Language(environment: environment) == language)
    }
}
