import Yuyan

/// What the command says beside its tables, in Chinese.
enum ChineseNotices {
    static let words: ChineseWords = training.merging(runs) { word, _ in word }.merging(evaluation) { word, _ in word }

    private static let training: ChineseWords = [
        "%1 on %2: batches of %3, learning rate %4, seed %5": "%1，设备 %2：批量大小 %3，学习率 %4，随机种子 %5",
        "%1, 1 thread": "%1，1 个线程", "%1, %2 threads": "%1，%2 个线程",
        "samples: %1": "样本数：%1", "%1 %2": "%1 %2", ", ": "，",
        "; no validation set to choose the best epoch": "；没有验证集，不挑选最佳的一轮",
        "run %1": "存入 %1",
        "nothing to do: %1 has stopped early": "无事可做：%1 已提前停止",
        "nothing to do: %1 has trained its epoch; --epochs %2 or more goes on":
            "无事可做：%1 已训练完它的 1 轮；用 --epochs %2 或更多轮可继续",
        "nothing to do: %1 has trained all of its %2 epochs; --epochs %3 or more goes on":
            "无事可做：%1 已训练完全部 %2 轮；用 --epochs %3 或更多轮可继续",
        "continuing %1 %2": "%2接着训练 %1",
        "after step %1 of %2 in epoch %3": "从第 %3 轮的第 %1/%2 步之后", "at the start": "从头", "after epoch %1": "从第 %1 轮之后",
        "stopped after step %1 of %2 in epoch %3": "在第 %3 轮的第 %1/%2 步之后停止", "stopped at the start": "在开始处停止",
        "stopped after epoch %1": "在第 %1 轮之后停止",
        "%1; nothing was kept, because of --no-save": "%1；因为 --no-save，什么也没有保存",
        "%1; to continue: %2": "%1；继续训练：%2",
        "%1 thread instead of %2: the last bits may differ from an uninterrupted run's":
            "用 %1 个线程而不是 %2 个：结果的最后几位可能与不中断的训练不同",
        "%1 threads instead of %2: the last bits may differ from an uninterrupted run's":
            "用 %1 个线程而不是 %2 个：结果的最后几位可能与不中断的训练不同",
        "%1: --threads %2 may be faster": "%1：用 --threads %2 可能更快",
        "%1: training is slower than on a quiet machine": "%1：训练会比机器空闲时慢",
        "%1: the figures say little about the machine": "%1：这些数字不能说明机器的快慢",
        "%1: speeds are lower than on a quiet machine,\nand the figures say little about it":
            "%1：速度比机器空闲时低，\n这些数字不能说明机器的快慢",
        "%1 threads share 1 core": "%1 个线程共用 1 个核", "%1 threads share %2 cores": "%1 个线程共用 %2 个核",
        "other programs keep the cores busy": "其他程序占着处理器",
        "error of %1": "%1 的误差",
        "stopped early after epoch %1: the validation loss has not fallen for 1 epoch": "第 %1 轮后提前停止：验证损失已 1 轮没有下降",
        "stopped early after epoch %1: the validation loss has not fallen for %2 epochs": "第 %1 轮后提前停止：验证损失已 %2 轮没有下降",
        "the weights are those of epoch %1, which has the smallest validation loss": "权重取自第 %1 轮，这一轮的验证损失最小",
        "test accuracy %1 after %2": "测试准确率 %1，用时 %2", "test loss %1 after %2": "测试损失 %1，用时 %2",
        "%1 % of the time was spent waiting for data; --workers 1 loads it meanwhile":
            "%1 % 的时间在等待数据；用 --workers 1 可同时读取",
        "%1 % of the time was spent waiting for data": "%1 % 的时间在等待数据",
        "weights": "权重", "numbers": "数据",
        "for a page with curves: %1": "生成带曲线的网页：%1",
        "for a page with curves and mistakes: %1": "生成带曲线和错例的网页：%1",
    ]

    private static let runs: ChineseWords = [
        "run": "训练", "state": "状态", "started": "开始时间", "acc %1": "准确率 %1",
        "running": "训练中", "finished": "已完成", "stopped": "已中断", "diverged": "已发散", "failed": "出错",
        "%1 holds no runs": "%1 中还没有训练", "broken: %1": "损坏：%1",
        "%1: %2, started %3": "%1：%2，开始于 %3", "no epoch has ended": "还没有训练完一轮",
        "best %1 %2 in epoch %3": "最佳%1 %2，第 %3 轮", "train_loss": "训练损失", "validation_loss": "验证损失",
        "validation_accuracy": "验证准确率", "accuracy %1, loss %2": "准确率 %1，损失 %2",
        "test %1 with the weights of epoch %2": "测试%1（第 %2 轮的权重）",
        "The settings are the same.": "设置相同。", "epochs done": "已训练轮数", "last %1": "最后%1", "best %1": "最佳%1",
        "validation accuracy": "验证准确率", "test loss": "测试损失", "test accuracy": "测试准确率",
    ]

    private static let evaluation: ChineseWords = [
        "%1, weights %2, on %3 samples": "%1，权重 %2，%3 个样本", "%1, accuracy %2": "%1，准确率 %2",
        "predicted class (columns) of the samples of each true class (rows)": "每一类样本（行）被判为各个类别（列）的次数",
        "note: only the first sample, the run's --limit; --limit N takes others":
            "注意：只用第一个样本，同该次训练的 --limit；--limit N 可改",
        "note: only the first %1 samples, the run's --limit; --limit N takes others":
            "注意：只用前 %1 个样本，同该次训练的 --limit；--limit N 可改",
        "input [N = 1]: %1": "输入 [N = 1]：%1", "%1 parameters, %2 bytes": "%1 个参数，%2 字节", "%1: %2": "%1：%2",
    ]
}
