import YuyanData

/// The words of a report in one language.
struct ReportWords {
    var language = Language.english
    var report, curves, epochTable, epoch, loss, accuracy, train, validation, test, samplesPerSecond, time: String
    var confusion, confusionNote, classTable, className, samples, recall, precision, takenFor, truth, predicted: String
    var mistakes, mistakesNote, noMistakes, isReally, takenAs, number: String
    var model, layerName, layer, outputShape, parameters, layerSettings, input, parameterUnit: String
    var configuration, again, started, lastIn, bestIn, epochs, duration: String
    var logarithmic, knownParameters, knownParametersNote, truthOfParameter, learned, error: String
    /// What stands between two words.
    var space: String
    /// Names and values of settings that differ from those of `RunConfiguration.settings`.
    var settings: [String: String]

    static func words(_ language: Language) -> ReportWords {
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
        lastIn: "after epoch", bestIn: "best, in epoch", epochs: "epochs", duration: "training time",
        logarithmic: "logarithmic scale", knownParameters: "Learned parameters",
        knownParametersNote: "The data were made with known parameters; this is what the model made of them.",
        truthOfParameter: "true value", learned: "learned", error: "error", space: " ",
        settings: [:])

    private static let chinese = ReportWords(
        language: .chinese,
        report: "训练报告", curves: "训练曲线", epochTable: "各轮数据", epoch: "轮次", loss: "损失", accuracy: "准确率",
        train: "训练", validation: "验证", test: "测试", samplesPerSecond: "样本/秒", time: "用时", confusion: "混淆矩阵",
        confusionNote: "每一类样本（行）被判为各个类别（列）的次数。", classTable: "各类别结果", className: "类别",
        samples: "样本数", recall: "召回率", precision: "精确率", takenFor: "最常误判为", truth: "真实类别",
        predicted: "预测类别", mistakes: "最严重的错误", mistakesNote: "模型给真实类别的概率最小的样本。",
        noMistakes: "没有：所有样本都分类正确。", isReally: "真实", takenAs: "预测", number: "序号", model: "模型",
        layerName: "名称", layer: "层", outputShape: "输出形状", parameters: "参数量", layerSettings: "设置",
        input: "输入", parameterUnit: "个参数", configuration: "配置", again: "重复这次训练", started: "开始于",
        lastIn: "轮次", bestIn: "最佳，轮次", epochs: "已训练轮数", duration: "训练用时",
        logarithmic: "对数坐标", knownParameters: "学到的参数", knownParametersNote: "数据由已知的参数生成；这是模型学到的结果。",
        truthOfParameter: "真实值", learned: "学到的值", error: "误差", space: "",
        settings: [
            "model": "模型", "data set": "数据集", "data": "数据文件夹", "limit": "样本数上限", "validation fraction": "验证集比例", "epochs": "轮数",
            "batch size": "批量大小", "learning rate": "学习率", "momentum": "动量", "weight decay": "权重衰减",
            "seed": "随机种子", "device": "设备", "threads": "线程数", "workers": "数据线程数",
            "checkpoint every": "检查点间隔", "deterministic": "确定性", "patience": "早停耐心", "yuyan": "雨燕版本",
            "lenet": "LeNet 卷积网络", "mlp": "多层感知机", "softmax-regression": "softmax 回归",
            "linear-regression": "线性回归", "points near a plane": "平面附近的点", "none": "无", "default": "默认", "no": "否", "yes": "是",
            "epoch": "轮", "step": "步",
        ])

    /// `train loss`.
    func pair(_ first: String, _ second: String) -> String { first + space + second }

    /// A setting's name, or a value that is a word, in this language.
    func setting(_ name: String) -> String {
        // `1epoch` is one word for the command's sake.
        if let match = name.wholeMatch(of: /(\d+)(epoch|step)(s?)/) {
            let (count, unit, plural) = (match.output.1, String(match.output.2), match.output.3)
            return "\(count) " + (settings[unit] ?? unit + plural)
        }
        return settings[name] ?? name
    }
}
