import YuyanData

/// The words of a report in one language.
struct ReportWords {
    var report, curves, epochTable, epoch, loss, accuracy, train, validation, test, samplesPerSecond, time: String
    var confusion, confusionNote, classTable, className, samples, recall, precision, takenFor, truth, predicted: String
    var mistakes, mistakesNote, noMistakes, isReally, takenAs, number: String
    var model, layerName, layer, outputShape, parameters, layerSettings, input, parameterUnit: String
    var configuration, again, started, lastIn, bestIn, epochs, duration: String
    /// What stands between two words.
    var space: String
    /// Names and values of settings that differ from those of `RunConfiguration.settings`.
    var settings: [String: String]

    static func words(_ language: RunReport.Language) -> ReportWords {
        language == .chinese ? chinese : english
    }

    private static let english = ReportWords(
        report: "training report", curves: "Curves", epochTable: "All epochs", epoch: "epoch", loss: "loss",
        accuracy: "accuracy", train: "train", validation: "validation", test: "test", samplesPerSecond: "samples/s",
        time: "time", confusion: "Confusion matrix",
        confusionNote: "How often samples of each class (rows) were taken for each class (columns).",
        classTable: "Class by class", className: "class", samples: "samples", recall: "recall",
        precision: "precision", takenFor: "most often taken for", truth: "true class", predicted: "predicted class",
        mistakes: "Worst mistakes",
        mistakesNote: "The samples to whose true class the model gave the least probability.",
        noMistakes: "There are none: every sample was classified correctly.", isReally: "is",
        takenAs: "taken for", number: "no.", model: "Model", layerName: "name", layer: "layer",
        outputShape: "output shape", parameters: "parameters", layerSettings: "settings", input: "input",
        parameterUnit: "parameters", configuration: "Configuration", again: "To repeat it", started: "started",
        lastIn: "after epoch", bestIn: "best, in epoch", epochs: "epochs", duration: "training time", space: " ",
        settings: [:])

    private static let chinese = ReportWords(
        report: "训练报告", curves: "训练曲线", epochTable: "各轮数据", epoch: "轮次", loss: "损失", accuracy: "准确率",
        train: "训练", validation: "验证", test: "测试", samplesPerSecond: "样本/秒", time: "用时", confusion: "混淆矩阵",
        confusionNote: "每一类样本（行）被判为各个类别（列）的次数。", classTable: "各类别结果", className: "类别",
        samples: "样本数", recall: "召回率", precision: "精确率", takenFor: "最常误判为", truth: "真实类别",
        predicted: "预测类别", mistakes: "最严重的错误", mistakesNote: "模型给真实类别的概率最小的样本。",
        noMistakes: "没有：所有样本都分类正确。", isReally: "真实", takenAs: "预测", number: "序号", model: "模型",
        layerName: "名称", layer: "层", outputShape: "输出形状", parameters: "参数量", layerSettings: "设置",
        input: "输入", parameterUnit: "个参数", configuration: "配置", again: "重复这次训练", started: "开始于",
        lastIn: "轮次", bestIn: "最佳，轮次", epochs: "已训练轮数", duration: "训练用时", space: "",
        settings: [
            "model": "模型", "data set": "数据集", "data": "数据文件夹", "limit": "样本数上限", "validation fraction": "验证集比例",
            "epochs": "轮数",
            "batch size": "批量大小", "learning rate": "学习率", "momentum": "动量", "weight decay": "权重衰减",
            "seed": "随机种子", "device": "设备", "threads": "线程数", "workers": "数据线程数",
            "checkpoint every": "检查点间隔", "deterministic": "确定性", "patience": "早停耐心", "yuyan": "雨燕版本",
            "none": "无", "default": "默认", "no": "否", "yes": "是",
        ])

    /// `train loss`.
    func pair(_ first: String, _ second: String) -> String { first + space + second }

    /// A setting's name, or a value that is a word, in this language.
    func setting(_ name: String) -> String { settings[name] ?? name }
}
