/// What tables, reports and progress say, in Chinese.
package enum ChineseText {
    package static let library: ChineseWords = words.merging(report) { word, _ in word }.merging(settings) { word, _ in
        word
    }

    private static let words: ChineseWords = [
        "epoch": "轮次", "loss": "损失", "accuracy": "准确率", "acc": "准确率", "train": "训练", "validation": "验证",
        "test": "测试", "train loss": "训练损失", "validation loss": "验证损失", "samples/s": "样本/秒", "time": "用时",
        "epoch %1/%2": "第 %1/%2 轮", "loss %1": "损失 %1", "%1 left": "还需 %1", "%1 samples/s": "%1 样本/秒",
        "%1 % waiting for data": "%1 % 等待数据",
        "drawing needs the program `%1`, which is not in PATH: apt install %2": "画图需要程序 %1，PATH 中没有它：apt install %2",
    ]

    private static let report: ChineseWords = [
        "training report": "训练报告", "Curves": "训练曲线", "logarithmic scale": "对数坐标", "All epochs": "各轮数据",
        "Learned parameters": "学到的参数",
        "The data were made with known parameters; this is what the model made of them.": "数据由已知的参数生成；这是模型学到的结果。",
        "true value": "真实值", "learned": "学到的值", "error": "误差", "Confusion matrix": "混淆矩阵",
        "How often samples of each class (rows) were taken for each class (columns).": "每一类样本（行）被判为各个类别（列）的次数。",
        "Class by class": "各类别结果", "class": "类别", "samples": "样本数", "recall": "召回率", "precision": "精确率",
        "most often taken for": "最常误判为", "true class": "真实类别", "predicted class": "预测类别",
        "loss and accuracy": "损失与准确率", "First samples": "最前面的样本",
        "Above each picture its true class, below that what it was taken for.": "每张图片上方第一行是真实类别，第二行是模型的预测。",
        "Worst mistakes": "最严重的错误",
        "The samples to whose true class the model gave the least probability.": "模型给真实类别的概率最小的样本。",
        "There are none: every sample was classified correctly.": "没有：所有样本都分类正确。", "is": "真实",
        "taken for": "预测", "no.": "序号", "Model": "模型", "name": "名称", "layer": "层", "output shape": "输出形状",
        "parameters": "参数量", "settings": "设置", "input %1, %2 parameters": "输入 %1，%2 个参数",
        "Configuration": "配置", "To repeat it": "重复这次训练", "started": "开始于", "training time": "训练用时",
        "%1 (best, in epoch %2)": "%1（最佳，第 %2 轮）",
    ]

    /// Names and values of `RunConfiguration.settings`.
    private static let settings: ChineseWords = [
        "program": "程序", "model": "模型", "data set": "数据集", "data": "数据文件夹", "limit": "样本数上限",
        "validation fraction": "验证集比例", "classes": "类别数", "image shape": "图片形状", "augmentation": "数据增广",
        "image folders": "图片文件夹", "width ratio": "宽度除以", "image size": "图片边长",
        "epochs": "轮数", "batch size": "批量大小", "optimizer": "优化器", "learning rate": "学习率", "momentum": "动量",
        "weight decay": "权重衰减",
        "seed": "随机种子", "device": "设备", "threads": "线程数", "workers": "数据线程数", "checkpoint every": "检查点间隔",
        "tune": "调优", "precision": "精度", "patience": "早停耐心", "yuyan": "雨燕版本", "none": "无", "default": "默认",
        "no": "否",
        "yes": "是", "lenet": "LeNet 卷积网络", "mlp": "多层感知机", "dropout-mlp": "带 dropout 的多层感知机",
        "softmax-regression": "softmax 回归",
        "linear-regression": "线性回归", "points near a plane": "平面附近的点", "%1 epoch": "%1 轮", "%1 epochs": "%1 轮",
        "%1 step": "%1 步", "%1 steps": "%1 步",
    ]
}
