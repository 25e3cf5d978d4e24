import Yuyan

/// The help in Chinese, by its English lines.
enum ChineseHelp {
    static let words: ChineseWords = command.merging(models) { word, _ in word }.merging(train) { word, _ in word }
        .merging(commands) { word, _ in word }.merging(labs) { word, _ in word }

    private static let command: ChineseWords = [
        "Trains the networks of Dive into Deep Learning, and uses them.": "训练并使用《动手学深度学习》中的网络。",
        "train on Fashion-MNIST": "在 Fashion-MNIST 上训练",
        "keep the run in runs/first": "把这次训练存入 runs/first",
        "continue it after an interruption": "中断后接着训练",
        "what has been trained": "查看已有的训练",
        "print JSON, for scripts": "输出 JSON，供脚本使用",
        "accuracy, class by class": "逐类别的准确率",
        "what an image shows": "识别一张图片",
        "the run as a page of HTML": "把训练写成网页报告",
        "layers, shapes, parameters": "层、形状、参数量",
        "samples with their labels": "样本及其标签",
        "the layers as a picture": "把各层画成图",
        "how fast steps are": "测量每步的速度",
        "machine and build, for bug reports": "机器与版本信息，报告问题时用",
        "Show the version.": "显示版本。",
        "Show help information.": "显示帮助。",
        "Show subcommand help information.": "显示子命令的帮助。",
        "Train a model with the settings of the book.": "按书中的设置训练一个模型。",
        "List, show and compare runs.": "列出、查看、比较各次训练。",
        "Measure a trained model on the test set.": "在测试集上评估训练好的模型。",
        "Say what PNG or JPEG images show, by a trained classifier.": "用训练好的分类器识别 PNG 或 JPEG 图片。",
        "Write a run as one HTML page: curves, settings, worst mistakes.": "把一次训练写成一个网页：曲线、设置、最严重的错误。",
        "Print each layer's class, output shape and parameter count.": "列出每一层的类型、输出形状和参数量。",
        "Draw a model's layers, or the operations of its forward pass, as a graph.": "把模型的各层或前向传播的运算画成图。",
        "List the data sets, or look at samples of one.": "列出数据集，或查看其中的样本。",
        "Time training steps, predictions or operations beside the machine's limits.": "测量训练每步、预测或单个运算的用时，并给出机器的极限。",
        "Describe this machine and this build of Yuyan, for bug reports.": "说明这台机器和这个雨燕版本，报告问题时用。",
        "Print all tensor operations, with formulas and gradients, as Markdown.": "以 Markdown 输出全部张量运算、公式和梯度。",
    ]

    /// What the models are; `summary` says it, too.
    static let models: ChineseWords = [
        "LeNet-5, a convolutional network, on Fashion-MNIST": "LeNet-5，卷积神经网络，Fashion-MNIST 数据集",
        "one hidden layer of 256 units, on Fashion-MNIST": "多层感知机，一个 256 单元的隐藏层，Fashion-MNIST 数据集",
        "two hidden layers with dropout, on Fashion-MNIST": "多层感知机，两个带 dropout 的隐藏层，Fashion-MNIST 数据集",
        "a linear classifier, on Fashion-MNIST": "softmax 回归，线性分类器，Fashion-MNIST 数据集",
        "a plane through 1000 noisy points": "线性回归，用平面拟合 1000 个带噪声的点",
        "AlexNet with one hidden layer, on Fashion-MNIST": "AlexNet，一个隐藏层，Fashion-MNIST 数据集",
        "VGG-11, blocks of convolutions, on Fashion-MNIST": "VGG-11，由卷积块组成，Fashion-MNIST 数据集",
        "NiN, without fully connected layers, on Fashion-MNIST": "NiN（网络中的网络），没有全连接层，Fashion-MNIST 数据集",
        "GoogLeNet, blocks of parallel branches, on Fashion-MNIST": "GoogLeNet，由并行分支的 Inception 块组成，Fashion-MNIST 数据集",
        "LeNet with batch normalization, on Fashion-MNIST": "带批量规范化的 LeNet，Fashion-MNIST 数据集",
        "ResNet-18, residual blocks, on Fashion-MNIST": "ResNet-18，由残差块组成，Fashion-MNIST 数据集",
        "DenseNet, blocks of concatenated layers, on Fashion-MNIST": "DenseNet，由稠密连接的块组成，Fashion-MNIST 数据集",
    ]

    private static let train: ChineseWords = [
        "Divide the channels and hidden units by n, of alexnet and the networks after it.":
            "通道数和隐藏单元数都除以 n，用于 alexnet 及其后的网络。",
        "Resize images to n × n pixels, also those of other networks.": "把图片缩放为 n × n 像素，其他网络也可以用。",
        "The model.": "模型。",
        "Folder with the data set's files.": "数据集文件所在的文件夹。",
        "Folder with the data set's files, or with a folder of pictures for each class.":
            "数据集文件所在的文件夹，或者每个类别有一个图片文件夹的文件夹。",
        "Change the pictures to train on at random, anew in each epoch: flip left and right, crop after moving by up to an eighth, rotate by up to 15 degrees, change color a little.":
            "每一轮随机改变训练图片：flip 左右翻转，crop 移动最多八分之一再裁剪，rotate 旋转最多 15 度，color 略微改变颜色。",
        "Take colored pictures as gray ones.": "把彩色图片当作灰度图片。",
        "--data names a folder with Fashion-MNIST's files, with CIFAR-10's in their binary version, or with pictures in a folder for each class, perhaps below train and test or val. Without these, a fifth of each class is kept back to test with.":
            "--data 指定的文件夹里可以是 Fashion-MNIST 的文件、CIFAR-10 二进制版本的文件，或者每个类别一个文件夹的图片，也可以分放在 train 和 test（或 val）之下。没有分开时，每一类留出五分之一用于测试。",
        "How often to go through the training set.": "遍历训练集的轮数。",
        "Samples in each step.": "批量大小：每步的样本数。",
        "How gradients become steps. Others than sgd have a learning rate of their own by default.":
            "优化器：怎样由梯度得到每一步。除 sgd 外，都有自己的默认学习率。",
        "Length of the steps, above 0.": "学习率：步长，大于 0。",
        "Momentum of the steps, 0 or more and below 1; of sgd alone.": "动量，不小于 0 且小于 1；只有 sgd 有。",
        "Weight decay, on biases too; 0 or more.": "权重衰减，也作用于偏置；不小于 0。",
        "Stop when the validation loss has not fallen for n epochs, with the weights of the best epoch.":
            "早停：验证损失连续 n 轮没有下降就停止，并保留最佳一轮的权重。",
        "Of the training set, the part that is kept back to validate with: the best epoch and --patience are chosen by it, never by the test set. 0 trains on all and chooses nothing.":
            "从训练集中留出多少作验证集：最佳的一轮和 --patience 都按验证集决定，不看测试集。0 表示全部用于训练，不作挑选。",
        "Use only the first n samples of the training set and of the test set.": "训练集和测试集都只用前 n 个样本。",
        "Continue this run, by its folder or its name in runs, with its settings; only --epochs, --threads, --data, --checkpoint-every, --json and --quiet may be given beside it.":
            "接着这次训练（写它的文件夹，或它在 runs 中的名称），设置不变；同时只能用 --epochs、--threads、--data、--checkpoint-every、--json 和 --quiet。",
        "A run keeps its settings, numbers, weights and checkpoints in a folder. Ctrl-C ends it after the current step; --resume continues it, also after a crash, to the same bits as without an interruption.":
            "每次训练把设置、数据、权重和检查点存在一个文件夹里。按 Ctrl-C 会在当前这步之后停止；--resume 接着训练，崩溃之后也可以，结果与不中断时逐位相同。",
        "Seed of all random numbers. The same seed gives the same weights.": "所有随机数的种子。种子相同，权重就相同。",
        "Threads to compute on.": "计算所用的线程数。",
        "one for each core": "每个核一个",
        "Threads that load data meanwhile; 0 loads between the steps.": "同时读取数据的线程数；0 表示在两步之间读取。",
        "Where to compute.": "计算所用的设备。",
        "The numbers that layers compute with: float32, or bfloat16, faster where the processor multiplies it.":
            "各层计算所用的数值类型：float32，或 bfloat16（处理器有相应乘法指令时更快）。",
        "Time the kernels of convolutions, and take the fastest. Runs differ in the last bits then: without, the same seed gives the same bits.":
            "先给卷积的各个计算内核计时，再用最快的。这样每次训练的结果在最后几位上会有差别；不加此选项，同样的种子得到逐位相同的结果。",
        "Name of the run, a folder in --root.": "这次训练的名称，即 --root 中的文件夹名。",
        "the model, date and time": "模型、日期和时间",
        "Folder that holds the runs.": "存放各次训练的文件夹。",
        "Folder of the run, instead of --root and --name. It must be empty or missing.":
            "这次训练的文件夹，代替 --root 和 --name；必须为空或尚不存在。",
        "Write no files.": "不写任何文件。",
        "How often to write a checkpoint, such as 100steps or 2epochs.": "写检查点的间隔，例如 100steps（步）或 2epochs（轮）。",
        "Print one JSON object at the end, and the progress to standard error.": "结束时输出一个 JSON 对象，进度写到标准错误。",
        "Print no progress, only the table at the end.": "不显示进度，只在结束时显示表格。",
    ]
}
