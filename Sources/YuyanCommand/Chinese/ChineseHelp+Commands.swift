import Yuyan

extension ChineseHelp {
    /// The help of what one does with trained models and data.
    static let commands: ChineseWords = [
        // Several commands.
        "Print one JSON object instead.": "改为输出一个 JSON 对象。",
        "Name of the run, or its folder.": "训练的名称，或它的文件夹。",
        "Names of the runs, or their folders; at least two.": "各次训练的名称，或它们的文件夹；至少两个。",
        "Layers stand one below the other in the order in which they run; --computation draws branches and jumps, too.":
            "各层按运行的次序上下排列；--computation 还画出分支和跳跃连接。",
        "The model, with --weights.": "模型，与 --weights 一起用。",
        "Folder with the pictures that --model was trained on: its classes are named.":
            "训练 --model 所用图片的文件夹：说出其中的类别。",
        "The model's weights, a safetensors file.": "模型的权重，一个 safetensors 文件。",
        "Picture to write, .png or .svg, with nodes and edges beside it as CSV.": "要写的图片，.png 或 .svg；节点和边另存为 CSV。",
        "Picture to write, .png or .svg, with the numbers beside it as CSV.": "要写的图片，.png 或 .svg；数据另存为 CSV。",
        "text": "文字", "The data set.": "数据集。", "Which part of it.": "数据集的哪一部分。", "How many samples.": "样本数。",
        "see yuyan data list": "见 yuyan data list", "the first ones": "最前面的",
        "Draw the samples at random with this seed.": "用这个种子随机抽取样本。",
        // predict
        "An image of any size becomes what the model was trained on. For Fashion-MNIST that is gray, shrunk to fit into 28 × 28 pixels, black around it, and light on dark: an image with light edges is inverted, unless --invert yes or --invert no decides for all. For pictures of your own it is what the run did with them, but for random changes: resized, and the middle cut out.":
            "任意大小的图片都会变成模型训练时的样子。对 Fashion-MNIST 是灰度，缩小到 28 × 28 像素以内，四周补黑，深底浅图：边缘明亮的图片会反色，除非用 --invert yes 或 --invert no 统一决定。对自己的图片则与训练时的处理相同，只是没有随机的改变：缩放，再截取中间。",
        "PNG or JPEG files.": "PNG 或 JPEG 文件。",
        "The folder of a run: its model and the weights it ended with.": "训练的文件夹：用它的模型和结束时的权重。",
        "Exchange light and dark first: auto does so if the edges of an image are light and Fashion-MNIST was learned.":
            "先把明暗对换；auto 表示模型学的是 Fashion-MNIST 且图片边缘明亮时才对换。",
        "How many classes to name for each image.": "每张图片列出几个类别。",
        "Print only each image's most probable class.": "只输出每张图片最可能的类别。",
        // evaluate
        "For a classifier also class by class: how many of its samples are found (recall), how many of those taken for it are right (precision), and the confusion matrix. --output draws the first 18 samples, each with its true class over the predicted one.":
            "对分类器还逐类别给出：该类样本有多少被找到（召回率），判为该类的有多少是对的（精确率），以及混淆矩阵。--output 画出最前面的 18 个样本，每个上行是真实类别，下行是预测类别。",
        "The folder of a run, or a model with --weights.": "训练的文件夹，或者模型加 --weights。",
        "those the run ended with": "该次训练结束时的", "as in training": "与训练时相同",
        "The samples to measure on: those of the test set, or those that a run trained on (train) or kept back (validation).":
            "在哪些样本上评估：测试集（test），或一次训练所用的（train）、留出的（validation）样本。",
        "Samples computed at once.": "一次计算的样本数。",
        "Use only the first n samples of the test set.": "测试集只用前 n 个样本。", "as in the run, else all": "同该次训练，否则全部",
        "Fashion-MNIST's": "Fashion-MNIST 的类别",
        "Picture to write of the first 18 samples, .png or .svg, with the numbers beside it as CSV.":
            "要写的图片：最前面的 18 个样本，.png 或 .svg；数据另存为 CSV。",
        "Print only the loss and the accuracy.": "只输出损失和准确率。",
        // report
        "The page needs no other file and no network; it can be mailed or opened on a phone. Pictures are drawn by gnuplot (Debian: gnuplot-nox).":
            "这个网页不需要别的文件，也不需要网络；可以邮寄，也可以在手机上看。图由 gnuplot 绘制（Debian 软件包 gnuplot-nox）。",
        "writes runs/lenet/report.html": "写入 runs/lenet/report.html", "The page.": "网页文件。",
        "report.html in the run's folder": "训练文件夹中的 report.html", "The language.": "语言。",
        "as LANG says, English or Chinese": "按 LANG，英文或中文",
        "How many of the worst mistakes to show.": "列出多少个最严重的错误。",
        "Folder with the run's data, if they have been moved.": "训练数据所在的文件夹，如果移动过。", "Print nothing.": "什么也不输出。",
        // runs
        "List the runs in a folder, newest first, with their states and best numbers.": "列出一个文件夹中的各次训练，从新到旧，附状态和最好的结果。",
        "A run is running, finished, stopped (it can go on with 'yuyan train --resume'), diverged or failed. Under 'validation' stands the number of its best epoch on the validation set, under 'test' what the weights it ended with achieve on the test set, and under 'train loss' and 'validation loss' those of its last epoch.":
            "训练的状态有：训练中、已完成、已中断（可用 'yuyan train --resume' 接着训练）、已发散、出错。“验证”是最佳一轮在验证集上的结果，“测试”是结束时的权重在测试集上的结果，“训练损失”和“验证损失”是最后一轮的。",
        "Show the settings and epochs of a run.": "显示一次训练的设置和各轮结果。",
        "Put runs side by side: the settings that differ, and the last and best numbers.": "并列比较各次训练：不同的设置，最后的和最好的结果。",
        // data
        "List the data sets, look at samples of one, or write them as pictures.": "列出数据集，查看其中的样本，或把样本写成图片。",
        "List the data sets: sizes, classes, and where they are looked for.": "列出数据集：大小、类别和所在位置。",
        "Folder to look in.": "在哪个文件夹中查找。", "each set's own": "各数据集自己的",
        "Show samples of a data set with their labels, as text or as a picture.": "显示数据集的样本及其标签，用文字或图片。",
        "Write samples of a data set as PNG pictures, one file each.": "把数据集的样本写成 PNG 图片，每个一个文件。",
        "How many samples, 1 to 400.": "样本数，1 到 400。", "8, in a picture 24": "8，图片中 24",
        "A picture is called by its place in the set and its class, such as 0000-ankle-boot.png. --per-class makes a folder for each class, such as 'yuyan train --data' reads.":
            "图片以样本在数据集中的位置和类别命名，例如 0000-ankle-boot.png。--per-class 为每个类别建一个文件夹，可供 'yuyan train --data' 读取。",
        "So many samples of each class, in a folder for each.": "每个类别取这么多样本，各类存入自己的文件夹。",
        "Folder to write, a new or an empty one.": "要写入的文件夹，新的或空的。", "These samples, counted from 0.": "指定样本，从 0 数起。",
        // bench
        "A step is forward, loss, backward and update on one batch of random data; its time is the median of many, after a warm-up. 'make bench' compares with PyTorch.":
            "一步是对一批随机数据做前向、损失、反向和更新；用时是预热之后多次测量的中位数。与 PyTorch 的比较用 'make bench'。",
        "time by layer and kernel": "各层、各内核的用时", "untimed, for other tools": "不计时，供其他工具使用",
        "Workloads, with commas between them.": "任务，用逗号分隔。", "all": "全部",
        "single operations, in three sizes": "单个运算，三种大小",
        "with --inference alone": "只与 --inference 一起", "predictions, one image and 32": "预测，一张和 32 张图像",
        "Time predictions, the forward pass alone, instead of training steps.": "测量预测，即只有前向，而不是训练步。",
        "Samples in a batch, with commas between sizes.": "一批的样本数，用逗号分隔。",
        "Time the kernels of convolutions first, and take the fastest, rather than those that a rule names.":
            "先给卷积的各个计算内核计时，再用最快的，而不是按规则选定的。",
        "Time single operations instead of training steps.": "测量单个运算，而不是训练步。",
        "Of these operations, those with the text in their names.": "这些运算中，只测名称含有该文字的。",
        "Of the operations' sizes, these, with commas between them.": "运算的大小中，只测这些，用逗号分隔。",
        "Seconds for which each workload or operation is timed.": "每个任务或运算测量多少秒。",
        "1.5, an operation 0.1": "1.5，运算 0.1",
        "the workload's or model's own, of --inference 1,32": "任务或模型自己的，--inference 为 1,32",
        "Write the numbers to a file.": "把数据写入文件。",
        "Show where the time of a model's step goes.": "显示模型一步的时间用在哪里。",
        "Where --profile writes its trace, for chrome://tracing or ui.perfetto.dev.":
            "--profile 的跟踪记录写到哪里，用 chrome://tracing 或 ui.perfetto.dev 打开。",
        "Run exactly so many steps of each workload, from the first one on, and time nothing.":
            "每个任务从第一步起正好运行这么多步，不计时。",
        // info and operations
        "Which processor, instructions, devices and threads are in use, how much memory there is, and which data sets and programs are installed. Nothing is measured; 'yuyan bench' does that.":
            "所用的处理器、指令集、设备和线程，内存的大小，以及已安装的数据集和程序。不做测量；测量用 'yuyan bench'。",
        "Print names and samples as JSON instead: the input of References/generate.py.":
            "改为以 JSON 输出名称和样本，供 References/generate.py 使用。",
        // graph
        "The recorded operations and the parameters they use, instead of the layers.": "画记录下的运算及其参数，而不是各层。",
    ]
}
