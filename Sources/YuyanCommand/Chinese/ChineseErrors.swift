import Yuyan

/// The errors that learners meet first, in Chinese, by what they say in English.
enum ChineseErrors {
    static let words: ChineseWords = [
        // The argument parser's.
        "Unknown option '%1'": "没有选项 '%1'", "Unknown option '%1'. Did you mean '%2'?": "没有选项 '%1'，是不是 '%2'？",
        "Missing value for '%1'": "'%1' 缺少值", "Missing expected argument '%1'": "缺少参数 '%1'",
        "Missing expected argument '<model>'": "缺少模型的名称 '<model>'", "Unexpected argument '%1'": "多余的参数 '%1'",
        "%1 unexpected arguments: %2": "%1 个多余的参数：%2",
        "The value '%1' is invalid for '%2'": "'%2' 不能取值 '%1'",
        "The value '%1' is invalid for '%2'. Please provide one of %3.": "'%2' 不能取值 '%1'，可以是 %3。",
        // Those of the options.
        "there is no command '%1'.": "没有命令 '%1'。",
        "there is no command '%1'; did you mean '%2'?": "没有命令 '%1'，是不是 '%2'？",
        "--%1 must be %2, not '%3'.": "--%1 必须是%2，不能是 '%3'。",
        "a whole number above 0": "大于 0 的整数", "a number above 0": "大于 0 的数", "0 or more and below 1": "不小于 0 且小于 1 的数",
        "a number, 0 or more": "不小于 0 的数", "a folder": "文件夹", "a file": "文件", "a run's name or folder": "训练的名称或文件夹",
        "a name without '/'": "不含 '/' 的名称",
        "--%1 must be %2 to %3, not '%4'.": "--%1 必须是 %2 到 %3 的整数，不能是 '%4'。",
        "%1 and %2 contradict each other.": "%1 与 %2 互相矛盾。",
        "%1 cannot be given with --resume: the run keeps its settings.": "%1 不能与 --resume 一起用：接着训练时设置不变。",
        "--momentum belongs to --optimizer sgd: %1 has none.": "--momentum 只用于 --optimizer sgd：%1 没有动量。",
        "--patience needs a validation set, by whose loss it stops: leave out --validation-fraction 0.":
            "--patience 按验证集的损失停止，需要验证集：去掉 --validation-fraction 0。",
        "--data: the run is one of another program, which has its data.": "--data：这次训练属于另一个程序，数据由那个程序读取。",
        // Those of files and of training.
        "%1: is a run of the program '%2', which has its model: that program goes on with it; runs and report show it":
            "%1：是程序 '%2' 的训练，模型在那个程序里：用那个程序接着训练；runs 和 report 可以查看它",
        "%1: no such file": "%1：没有这个文件", "%1: no such folder": "%1：没有这个文件夹",
        "%1: no such file; apt-get install dataset-fashion-mnist provides it; --data FOLDER reads it from elsewhere":
            "%1：没有这个文件；可用 apt-get install dataset-fashion-mnist 安装，或用 --data FOLDER 从别处读取",
        "%1: is empty": "%1：是空文件", "%1: another process is training this run": "%1：另一个进程正在训练它",
        "%1: is not the folder of a run: it has no configuration.json": "%1：不是训练的文件夹：其中没有 configuration.json",
        "%1: is not empty; name another folder, or continue the run in it with --resume":
            "%1：不是空文件夹；换一个文件夹，或用 --resume 接着其中的训练",
        "training diverged: the loss is %1 in epoch %2; a smaller learning rate may help":
            "训练发散：第 %2 轮的损失是 %1；调小学习率也许有用",
        "training diverged: %1 holds NaN or infinity in epoch %2; a smaller learning rate may help":
            "训练发散：第 %2 轮的 %1 含有 NaN 或无穷大；调小学习率也许有用",
    ]
}
