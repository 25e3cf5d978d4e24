import Foundation
import Yuyan

/// A program takes the best device that there is, moves the network and its batches there, and runs anywhere.
let deviceSelect: Lab = Lab(
    "device-select", "Choosing a device", "选择计算设备",
    book: "5.6", note: .convolutionsAndTranslation, part: "Task05", on: .fast,
    claims: [
        Claim("fallback", "a device that does not exist: the best one is taken instead", "设备不存在时：改用最好的设备", .yes),
        Claim("named", "one that exists is taken", "存在的设备：就用它", .yes),
        Claim("message", "the error names all devices that there are", "错误信息列出所有可用的设备", .yes),
        Claim("moved", "parameters and result are where they were sent", "参数和结果都在指定的设备上", .yes),
        Claim("back", "to a device and back: largest change of a weight", "送去再送回：权重的最大变化", .exactly(0)),
        // float32 sums of 400 products in another order differ by about √400 · 6e-8 of their size.
        Claim(
            "logits", "logits of LeNet: largest relative distance from the reference device",
            "LeNet 的 logit 与 reference 设备的最大相对差", .below(1e-4)),
        Claim("loss", "loss after 5 steps of training: its relative distance", "训练 5 步后的损失：相对差", .below(1e-4)),
        Claim("gradients", "gradients of the first step: theirs", "第一步的梯度：相对差", .below(1e-3)),
    ],
    figures: ["time"]
) { lab in
    // What PyTorch writes as torch.device('cuda' if torch.cuda.is_available() else 'cpu').
    func choose(_ wishes: String...) -> Device {
        for wish in wishes {
            if let device = try? Device(wish) { return device }
        }
        return .best
    }
    let devices = Device.available
    let wished = choose("gpu", "cpu")
    lab.say(
        "This build can compute on: \(devices.map(\.description).joined(separator: ", ")). A program that would like a GPU and else a CPU gets \(wished).",
        "这个版本能用的设备：\(devices.map(\.description).joined(separator: "、"))。想用 GPU、否则用 CPU 的程序得到的是 \(wished)。")
    lab.check("fallback", choose("abacus") == .best)
    lab.check("named", devices.allSatisfy { choose("abacus", "\($0)") == $0 })
    do {
        _ = try Device("abacus")
    } catch {
        lab.say("Asked for one that does not exist, it says: \(error).", "要一个不存在的设备时，报错为：\(error)。")
        lab.check("message", devices.allSatisfy { "\(error)".contains("\($0)") })
    }

    // Everything that meets in an operation is on one device: the network is moved once, each batch as it comes.
    struct Run {
        var logits, gradient: Tensor
        var loss: Double
        var seconds: Double
    }
    let (images, labels) = withDevice(.reference) {
        (Tensor.uniform([32, 1, 28, 28]), Tensor((0..<32).map { $0 % 10 }))
    }
    let start = makeLeNet().stateDictionary()
    var isMoved = true
    func run(on device: Device) throws -> Run {
        let net = makeLeNet()
        try net.load(start)
        net.to(device)
        let (x, y) = (images.to(device), labels.to(device))
        let logits = net(x)
        isMoved = isMoved && logits.device == device && net.parameters().allSatisfy { $0.value.device == device }
        let optimizer = SGD(net.parameters(), learningRate: 0.1)
        var (loss, gradient) = (0.0, Tensor.zeros([1]))
        let begin = Date()
        for step in 0...5 {
            let value = crossEntropy(net(x), y)
            optimizer.zeroGradients()
            value.backward()
            if step == 0 { gradient = net.parameters()[0].gradient!.to(.reference) }
            optimizer.step()
            loss = value.item()
        }
        return Run(
            logits: logits.detached().to(.reference), gradient: gradient, loss: loss,
            seconds: -begin.timeIntervalSinceNow)
    }
    let runs = try devices.map { try run(on: $0) }
    let reference = runs[devices.firstIndex(of: .reference)!]
    func distance(_ a: Tensor, _ b: Tensor) -> Double { ((a - b).abs().max() / b.abs().max()).item() }
    lab.say("LeNet with the same weights and the same 32 pictures on each device:", "在每个设备上，用同样的权重和同样的 32 张图片运行 LeNet：")
    lab.table(
        [
            Words("device", "设备"), Words("loss after 5 steps", "5 步后的损失"), Words("logits differ by", "logit 的相对差"),
            Words("seconds", "秒"),
        ],
        zip(devices, runs).map {
            [
                "\($0)", "\($1.loss, decimals: 6)", "\(distance($1.logits, reference.logits), digits: 2)",
                "\($1.seconds, decimals: 3)",
            ]
        })
    lab.show("time") { t in
        .bars(
            t("Five steps of LeNet", "LeNet 的五步训练"), devices.map(\.description),
            [BarSeries(t("time", "用时"), runs.map(\.seconds))], y: Axis(t("seconds", "秒")))
    }
    lab.say(
        "The digits differ in the last places, because sums are added up in another order; what is learned is the same.",
        "末几位数字不同，因为求和的顺序不同；学到的东西是一样的。")
    lab.check("moved", isMoved)
    lab.check("logits", runs.map { distance($0.logits, reference.logits) }.max()!)
    lab.check("loss", runs.map { abs($0.loss / reference.loss - 1) }.max()!)
    lab.check("gradients", runs.map { distance($0.gradient, reference.gradient) }.max()!)

    let weight = Tensor.normal([100, 100])
    lab.check("back", devices.map { (weight.to($0).to(weight.device) - weight).abs().max().item() as Double }.max()!)
}
