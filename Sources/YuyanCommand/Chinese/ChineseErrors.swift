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
        "The value '%1' is invalid for '%2'. Please provide one of the following:": "'%2' 不能取值 '%1'，可以是：",
        // Those of the options.
        "there is no command '%1'.": "没有命令 '%1'。",
        "there is no command '%1'; did you mean '%2'?": "没有命令 '%1'，是不是 '%2'？",
        "there is no lab '%1'; `yuyan lab list` names all.": "没有实验 '%1'；全部实验见 `yuyan lab list`。",
        "%1 needs %2, which is not here: apt install %3. %4 labs do without: yuyan lab list":
            "%1 需要 %2，本机没有：apt install %3。不需要它的实验有 %4 个：yuyan lab list",
        "there is no lab '%1'; did you mean '%2'?": "没有实验 '%1'，是不是 '%2'？",
        "name labs, or --note, or --all: one of these.": "写出实验的名称，或者用 --note，或者用 --all，三者选一。",
        "this yuyan was installed: name Yuyan's repository with --package.": "这个 yuyan 是安装的版本：请用 --package 指定雨燕的代码仓库。",
        "--%1 must be %2, not '%3'.": "--%1 必须是%2，不能是 '%3'。",
        "a whole number above 0": "大于 0 的整数", "a number above 0": "大于 0 的数", "0 or more and below 1": "不小于 0 且小于 1 的数",
        "a number, 0 or more": "不小于 0 的数", "a folder": "文件夹", "a file": "文件", "a run's name or folder": "训练的名称或文件夹",
        "a name without '/'": "不含 '/' 的名称",
        "--%1 must be %2 to %3, not '%4'.": "--%1 必须是 %2 到 %3 的整数，不能是 '%4'。",
        "%1 and %2 contradict each other.": "%1 与 %2 互相矛盾。",
        "--precision: %1.": "--precision：%1。",
        "%1 needs a processor with the instructions AVX512_BF16, which this one lacks":
            "%1 需要处理器支持 AVX512_BF16 指令，本机处理器不支持",
        "%1 gains nothing on the device reference, which computes in float32 for it":
            "%1 在 reference 设备上没有好处，该设备仍用 float32 计算",
        "%1 cannot be given with --resume: the run keeps its settings.": "%1 不能与 --resume 一起用：接着训练时设置不变。",
        "--momentum belongs to --optimizer sgd: %1 has none.": "--momentum 只用于 --optimizer sgd：%1 没有动量。",
        "--patience needs a validation set, by whose loss it stops: leave out --validation-fraction 0.":
            "--patience 按验证集的损失停止，需要验证集：去掉 --validation-fraction 0。",
        "0 or above": "不小于 0 的整数",
        "--%1 must be %2 at most, not '%3': the %4 set holds %5.": "--%1 最大是 %2，不能是 '%3'：%4 集有 %5 个样本。",
        "--per-class must be %1 at most, not '%2': there are %3 of '%4'.":
            "--per-class 最大是 %1，不能是 '%2'：'%4' 有 %3 个样本。",
        "--%1 must be a file that ends in .png or .svg, not '%2'.": "--%1 必须是以 .png 或 .svg 结尾的文件，不能是 '%2'。",
        "--seconds must be a number above 0 and at most 3600, not '%1'.": "--seconds 必须大于 0，最大 3600，不能是 '%1'。",
        "--epochs must be at least %1, as many as the run has, not '%2'.": "--epochs 至少是 %1（已训练的轮数），不能是 '%2'。",
        "--%1 cannot be given with --%2.": "--%1 不能与 --%2 一起用。",
        "%1 cannot be given with --resume: the run has its model.": "%1 不能与 --resume 一起用：模型已定。",
        "--limit cannot be given with --split %1: the run says which samples these are.":
            "--limit 不能与 --split %1 一起用：用哪些样本已由该次训练决定。",
        "--split validation: only a run has a validation set; name one.": "--split validation：只有训练才有验证集，请指定一次训练。",
        "--split validation: the run has none, because of --validation-fraction 0.":
            "--split validation：该次训练没有验证集，因为用了 --validation-fraction 0。",
        "--weights: %1 needs a file of weights.": "--weights：%1 需要权重文件。",
        "--data: %1 makes its own data.": "--data：%1 自己生成数据。",
        "'%1' is neither the folder of a run nor a model: %2.": "'%1' 既不是训练的文件夹，也不是模型（%2）。",
        "Give --run, or --model and --weights.": "请给出 --run，或者 --model 和 --weights。",
        "%1 does not look at images.": "%1 不处理图片。",
        "%1: %2 does not look at images.": "%1：%2 不处理图片。",
        "--resize: %1 does not look at images.": "--resize：%1 不处理图片。",
        "--resize must be %1 to %2 for %3, not '%4'.": "--resize 对 %3 必须是 %1 到 %2 的整数，不能是 '%4'。",
        "--width-ratio: the width of %1 cannot be chosen.": "--width-ratio：%1 的宽度不能选择。",
        "--%1 cannot be given: the run has its own.": "不能用 --%1：该次训练已有自己的设置。",
        "--batch-size %1: of %2 samples to train on one is left for the last batch, too few for batch normalization; another --batch-size or --limit helps.":
            "--batch-size %1：%2 个训练样本分批后，最后一批只有一个样本，不能作批量规范化；请换一个 --batch-size 或 --limit。",
        "compare needs at least two runs.": "compare 至少要两次训练。",
        "--trace goes with --profile.": "--trace 与 --profile 一起用。",
        "--profile takes no --workloads, --json or --steps.": "--profile 不能与 --workloads、--json 或 --steps 一起用。",
        "--steps times nothing that --json could hold.": "--steps 不计时，没有可写入 --json 的数。",
        "--operations takes no --workloads, --profile, --steps or --precision.":
            "--operations 不能与 --workloads、--profile、--steps 或 --precision 一起用。",
        "--inference takes no --operations, --profile or --steps.":
            "--inference 不能与 --operations、--profile 或 --steps 一起用。",
        "--batch-size goes with neither --operations nor --steps.": "--batch-size 不能与 --operations 或 --steps 一起用。",
        "--json and --profile take one --batch-size, but for --inference.":
            "除 --inference 外，--json 和 --profile 只能与一种 --batch-size 一起用。",
        "--batch-size must be whole numbers of 1 to 65536 with commas, not '%1'.":
            "--batch-size 必须是 1 到 65536 的整数，用逗号分隔，不能是 '%1'。",
        "--filter and --elements go with --operations.": "--filter 和 --elements 与 --operations 一起用。",
        "--filter: no operation's name holds '%1'; there are %2.": "--filter：没有名称含 '%1' 的运算，有 %2。",
        "--elements: there is no '%1'; there are %2.": "--elements：没有 '%1'，有 %2。",
        "--workloads: there is no '%1'; there are %2.": "--workloads：没有 '%1'，有 %2。",
        "YUYAN_DEVICE is '%1', this build has the devices %2.": "YUYAN_DEVICE 是 '%1'，这个构建的设备有 %2。",
        "a name without control characters": "不含控制字符的名称", "a name of at most 255 bytes": "不超过 255 字节的名称",
        "--validation-fraction %1 cannot be kept back of %2 to train on; 0 trains on all of them.":
            "不能从%2训练样本中留出 --validation-fraction %1；0 表示全部用于训练。",
        "%1 sample": " %1 个", "%1 samples": " %1 个",
        "%1 is '%2'; it takes names such as SSE41, AVX2 and AVX512_CORE.":
            "%1 是 '%2'；可以是 SSE41、AVX2、AVX512_CORE 这样的名称。",
        // Those of pictures of one's own.
        "no such folder": "没有这个文件夹", "is a file, not a folder": "是文件，不是文件夹",
        "holds no images: it must hold a folder for each class, with PNG or JPEG images":
            "没有图片：每个类别要有一个文件夹，里面放 PNG 或 JPEG 图片",
        "holds images, but no folders: it must hold one for each class, with the images of the class":
            "有图片但没有文件夹：每个类别要有一个文件夹，里面放这一类的图片",
        "holds no PNG or JPEG images; each class needs some": "没有 PNG 或 JPEG 图片；每个类别都要有",
        "lacks the class '%1', which %2 has": "缺少类别 '%1'，%2 中有它",
        "holds one class, '%1'; a classifier tells two or more apart": "只有一个类别 '%1'；分类器要区分两个以上",
        "of the class '%1' there is 1 image, and one is needed to train on and another to keep back":
            "类别 '%1' 只有一张图片，至少要两张：一张用于训练，一张留出",
        "has %1 × %2 pixels, %3 %4 × %5: images of several sizes must be resized to one: --resize N":
            "是 %1 × %2 像素，%3 是 %4 × %5：大小不一的图片要缩放成一样大：--resize N",
        "the pictures have %1 × %2 pixels; %3 needs %4 or more: --resize N makes them larger":
            "图片是 %1 × %2 像素；%3 需要 %4 以上：用 --resize N 放大",
        "has %1 bytes, which are no whole records of %2 (label and pixels)": "有 %1 字节，不是整数个 %2 字节的记录（标签和像素）",
        "the label of record %1 is %2, labels are 0 to 9": "第 %1 条记录的标签是 %2，标签应是 0 到 9",
        "holds the classes %1; the run was told of %2": "其中的类别是 %1；训练时的是 %2",
        "sample %1 cannot be read: %2": "第 %1 个样本读不出：%2",
        // Those of files and of training.
        "%1: %2": "%1：%2", "no such file": "没有这个文件", "is a folder, not a file": "是文件夹，不是文件",
        "is not a regular file": "不是普通文件", "is a file, not the folder of a run": "是文件，不是训练的文件夹",
        "is a file, not a folder of runs": "是文件，不是存放训练的文件夹",
        "has no weights yet: no epoch of the run has ended": "还没有权重：一轮也没有训练完",
        "the model is '%1'; there are %2": "模型是 '%1'；已有的是 %2",
        "has %1 bytes; files of up to %2 bytes can be read": "有 %1 字节；最多能读 %2 字节的文件",
        "is empty, not a PNG or JPEG image": "是空文件，不是 PNG 或 JPEG 图片", "is not a PNG or JPEG image": "不是 PNG 或 JPEG 图片",
        "PNG cannot be read: %1": "PNG 读不出：%1", "JPEG cannot be read: %1": "JPEG 读不出：%1", "it has no pixels": "没有像素",
        "it ends before its image begins": "图像还没开始文件就结束了",
        "its colors are CMYK; gray and RGB can be read": "颜色是 CMYK；只能读灰度和 RGB",
        "%1 × %2 pixels; images of up to %3 megapixels can be read": "%1 × %2 像素；最多能读 %3 百万像素的图片",
        "is empty, not a safetensors file": "是空文件，不是 safetensors 文件", "is not a safetensors file": "不是 safetensors 文件",
        "is a zip archive, not a safetensors file": "是 zip 压缩文件，不是 safetensors 文件",
        "is a pickle of PyTorch's, not a safetensors file; in Python: %1":
            "是 PyTorch 的 pickle，不是 safetensors 文件；在 Python 中：%1",
        "the state does not fit the model: missing %1; unexpected %2": "权重与模型不符：缺少 %1；多出 %2",
        "the state does not fit the model: missing %1": "权重与模型不符：缺少 %1",
        "the state does not fit the model: unexpected %1": "权重与模型不符：多出 %1",
        "the state does not fit the model: of another shape: %1": "权重与模型不符：形状不同：%1",
        "%1; --data and --resize must be as in the training": "%1；--data 和 --resize 必须与训练时相同",
        "%1; --data, --resize and --width-ratio must be as in the training":
            "%1；--data、--resize 和 --width-ratio 必须与训练时相同",
        "the %1 set holds no images": "%1 集中没有图片",
        "the %1 set is another than the run began with; --data FOLDER names the place of the same files":
            "%1 集与训练开始时的不同；用 --data FOLDER 指出同样的文件在哪里",
        "the run trains '%1', a model that this Yuyan does not have": "它训练的模型 '%1' 是这个雨燕没有的",
        "the run computes on %1, which this build lacks": "它用设备 %1 计算，这个构建没有",
        "belongs to another run: its %1 is %2, that of this run is %3": "属于另一次训练：它的 %1 是 %2，这次训练的是 %3",
        "no such checkpoint: the run ended before it wrote one; the command that began it begins it anew":
            "没有检查点：训练在写检查点之前就结束了；用开始时的命令重新训练",
        "no such checkpoint: the run cannot go on; its weights are there, see %1": "没有检查点：不能接着训练；权重还在，见 %1",
        "no such checkpoint; that of the best epoch is there: to go on from it, cp %1 and resume again; to measure it, %2":
            "没有检查点；最佳一轮的还在：要接着它训练，先 cp %1，再接着训练；要评估它，用 %2",
        "is no checkpoint: it holds tensors and no state of a training": "不是检查点：其中只有张量，没有训练的状态",
        "has format version %1; this Yuyan reads %2": "格式版本是 %1；这个雨燕读 %2",
        "cannot be written: %1": "不能写：%1", "cannot be created: %1": "不能创建：%1", "cannot be read: %1": "不能读：%1",
        "No such file or directory": "没有这个文件或文件夹", "Permission denied": "没有权限", "No space left on device": "磁盘已满",
        "Is a directory": "是文件夹", "Not a directory": "不是文件夹", "File exists": "已经存在", "Read-only file system": "只读文件系统",
        "File name too long": "名称太长", "%1; to continue: %2": "%1；接着训练：%2",
        "%1; there is no checkpoint yet: the same command begins the run anew": "%1；还没有检查点：同一命令会从头训练",
        "drawing needs the program `%1`, which is not in PATH: apt install %2": "画图需要程序 %1，PATH 中没有它：apt install %2",
        "drawing Chinese text needs a font that has it, and none is installed: apt install %1":
            "画中文需要中文字体，但没有安装：apt install %1",
        "%1; the numbers are in %2": "%1；数据在 %2 中",
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
