import Yuyan

/// What `predict`, `data`, `info` and `bench` print, in Chinese.
enum ChineseResults {
    static let words: ChineseWords = data.merging(info) { word, _ in word }.merging(bench) { word, _ in word }

    private static let data: ChineseWords = [
        "%1 × %2, inverted": "%1 × %2，已反色",
        "gray images of clothes": "服装的灰度图片",
        "shape": "形状", "classes": "类别", "folder": "文件夹", "%1 (found)": "%1（已找到）",
        "%1 (not there: apt install %2, or --data FOLDER)": "%1（没有：apt install %2，或用 --data FOLDER 指定）",
        "1 picture in %1: %2": "1 张图片，存入 %1：%2", "%1 pictures in %2: %3": "%1 张图片，存入 %2：%3",
        "no. %1": "第 %1 个", "%1, %2: %3 of %4": "%1，%2：%4 个中的 %3 个", "picture": "图片", "package": "软件包",
        "to run it": "运行",
        "The first build takes some minutes.": "第一次编译需要几分钟。",
        "note: a number is infinite or not a number, and null in the JSON": "注意：有一个数是无穷大或 NaN，在 JSON 中是 null",
        "note: %1 numbers are infinite or not a number, and null in the JSON":
            "注意：有 %1 个数是无穷大或 NaN，在 JSON 中是 null",
    ]

    private static let info: ChineseWords = [
        "%1, %2 build": "%1，%2 构建", "system": "系统", "processor": "处理器", "instructions": "指令集",
        "our loops use": "雨燕所用", "devices": "设备", "threads": "线程数", "cores": "核数", "memory": "内存", "data": "数据",
        "pictures": "画图", "unknown": "未知", "not in this build": "不在这个构建中", "%1; in use: %2": "%1；正在用 %2",
        "%1, of which this process may use %2": "%1，本进程可用 %2", "%1, of which %2 are available": "%1，可用 %2",
        "in %1": "位于 %1", "not installed: apt-get install %1": "未安装：apt-get install %1",
    ]

    private static let bench: ChineseWords = [
        "workload": "任务", "batch": "批量", "ms/step": "毫秒/步", "of the limit": "占极限",
        "The limit is the FMA peak; ns/op: bound by overhead, nanoseconds an operation.":
            "极限指 FMA 峰值；ns/op：受开销限制，每次运算的纳秒数。",
        "operation": "运算", "elements": "元素数",
        "GB/s: bytes of the operands and the result; GFLOP/s: a multiply-add is two.":
            "GB/s：操作数与结果的字节；GFLOP/s：一次乘加计为两次。",
        "%1, %2 of %3 cores, %4": "%1，用 %3 个核中的 %2 个，%4", "FMA peak": "FMA 峰值",
        "copy %1 GB/s, add %2 GB/s": "复制 %1 GB/s，相加 %2 GB/s",
        "%1, batches of %2, on %3": "%1，批量大小 %2，设备 %3",
        "trace  %1, for chrome://tracing or ui.perfetto.dev": "跟踪记录  %1，用 chrome://tracing 或 ui.perfetto.dev 打开",
        "phase": "阶段", "share": "占比", "in kernels, µs": "内核中，µs", "kernels": "内核数", "ns/kernel outside": "内核外，ns/个",
        "step": "一步", "forward": "前向", "backward": "反向", "update": "更新",
        "costliest layers": "最费时的层", "%1 others": "其余 %1 层", "other": "其他", "of peak": "占峰值",
        "Times in µs, in kernels only. Peak: the FMA peak above, that of float32.":
            "用时以 µs 计，只计内核。峰值指上面的 FMA 峰值，即 float32 的。",
        "GFLOP are the direct algorithm's: Winograd's multiplies less and may pass 100 %.":
            "GFLOP 按直接算法计：Winograd 算法的乘法更少，可超过 100 %。",
        "bfloat16 has faster instructions; its share is still that of float32's peak.":
            "bfloat16 有更快的指令，但占比仍按 float32 的峰值计算。",
        "Every layer has a fast path.": "每一层都有快速实现。",
        "No fast path (see below): %1 of %2 layers.": "没有快速实现（见下）：%2 层中的 %1 层。",
        "no fast path: %1": "没有快速实现：%1", "the plain loops of Reference": "Reference 的普通循环",
        "oneDNN's plain loops": "oneDNN 的普通循环",
        "oneDNN's matrix product of copied windows": "oneDNN 先复制各窗口再做矩阵乘法",
        "Copied into another layout: %1 images, %2 weights, %3 of the time.": "换布局复制：图像 %1 个，权重 %2 个，占用时的 %3。",
        "layer, kernel": "层，内核", "computed by": "实现", "%1 of the time": "占用时的 %1",
        "copy of %1: %2 → %3, %4": "复制 %1：%2 → %3，%4", "copy of weight %1: %2 → %3, %4": "复制权重 %1：%2 → %3，%4",
        "plain": "普通", "channels-last": "通道在后", "blocks of %1": "每块 %1",
        "convolution": "卷积", "input gradient": "输入的梯度", "weight gradient": "权重的梯度", "matmul": "矩阵乘法",
        "matmul a·bᵀ": "矩阵乘法 a·bᵀ", "matmul aᵀ·b": "矩阵乘法 aᵀ·b", "max pool": "最大汇聚",
        "max pool gradient": "最大汇聚的梯度", "average pool": "平均汇聚", "average pool gradient": "平均汇聚的梯度",
        "batch norm": "批量规范化", "batch norm gradient": "批量规范化的梯度", "relu gradient": "relu 的梯度",
        "accumulate": "累加", "concatenate": "拼接",
        "split": "拆分", "upload": "写入", "download": "读出",
    ]
}
