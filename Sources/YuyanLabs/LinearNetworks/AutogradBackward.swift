import Foundation
import Yuyan

/// Gradients without algebra: operations are recorded, and backward() walks the record from the end to the start.
let autogradBackward: Lab = Lab(
    "autograd-backward", "Automatic differentiation", "自动微分",
    book: "2.5", note: .linearNetworks, part: "3.7",
    claims: [
        Claim("y", "2xᵀx for x = [0, 1, 2, 3]", "x = [0, 1, 2, 3] 时的 2xᵀx", .exactly(28)),
        Claim("gradient", "its gradient beside 4x: largest difference", "其梯度与 4x 的最大差", .exactly(0)),
        Claim("plain", "gradients are not recorded themselves", "梯度本身不再被记录", .yes),
        Claim("chain", "the chain rule by hand: largest difference", "手工应用链式法则：最大差", .exactly(0)),
        Claim(
            "adds", "after a second backward(): distance from 4x + 1", "第二次 backward() 之后：与 4x + 1 的最大差", .exactly(0)),
        Claim(
            "ones", "x².backward(ones): distance from x².sum().backward()",
            "x².backward(全 1) 与 x².sum().backward() 的最大差", .exactly(0)),
        Claim("weighted", "x².backward(g): distance from 2xg", "x².backward(g) 与 2xg 的最大差", .exactly(0)),
        Claim(
            "detached", "u = x·x detached: distance of the gradient of u·x from u", "分离出 u = x·x：u·x 的梯度与 u 的最大差",
            .exactly(0)),
        Claim("square", "x·x itself is still recorded: distance from 2x", "x·x 本身的计算图还在：与 2x 的最大差", .exactly(0)),
        Claim("control", "loops and branches: gradient / (f(a)/a)", "经过循环和分支：梯度与 f(a)/a 之比", .near(1, margin: 1e-5)),
        Claim("retained", "twice through a kept record: distance from 2·2x", "保留计算图，走两次：与 2·2x 的最大差", .exactly(0)),
        Claim("none", "before the first backward() there is no gradient", "第一次 backward() 之前没有梯度", .yes),
    ],
    figures: ["graph"]
) { lab in
    // A parameter is a tensor whose uses are recorded.
    let x = Parameter(Tensor.arange(4, dtype: .float32))
    let values = x.value
    func difference(_ expected: Tensor) -> Tensor { (x.gradient! - expected).abs().max() }
    lab.check("none", x.gradient == nil)

    let y = 2 * (x * x).sum()
    lab.say(
        "x = \(values) and y = 2xᵀx = \(y.item(), decimals: 0). What was recorded on the way from x to y:",
        "x = \(values)，y = 2xᵀx = \(y.item(), decimals: 0)。从 x 到 y 记录下的运算：")
    lab.show("graph") { t in .computation(t("y = 2xᵀx", "y = 2xᵀx 的计算图"), of: y, names: [("x", x)]) }
    lab.check("y", y)
    y.backward()
    lab.say(
        "y.backward() goes along the arrows in reverse, multiplies by the derivative of each operation, and leaves ∂y/∂x = 4x in x.gradient:",
        "y.backward() 沿箭头反向走，依次乘以每个运算的导数，最后把 ∂y/∂x = 4x 存入 x.gradient：")
    lab.print(x.gradient!)
    lab.check("gradient", difference(4 * values))
    lab.check("plain", !x.gradient!.isRecorded)

    // The same by hand. y = 2s with s = xᵀx: ∂y/∂y = 1, ∂y/∂s = 2, and x stands in s twice, as either factor.
    let (fromY, fromS) = (1.0, 2.0)
    lab.check("chain", difference(fromY * fromS * values + fromY * fromS * values))

    // Gradients add up until they are taken away.
    x.tensor.sum().backward()
    lab.say(
        "x.sum().backward() adds its own gradient, which is 1 everywhere, to what is there:",
        "再执行 x.sum().backward()，它的梯度（处处为 1）会累加到已有的梯度上：")
    lab.print(x.gradient!)
    lab.check("adds", difference(4 * values + 1))

    // backward() starts from one number. Several need to be told how much each counts.
    x.gradient = nil
    x.squared().backward(Tensor.ones([4]))
    let withOnes = x.gradient!
    x.gradient = nil
    x.squared().sum().backward()
    lab.check("ones", difference(withOnes))
    x.gradient = nil
    let weights = Tensor([1.0, 0.5, -1, 10])
    x.squared().backward(weights)
    lab.say(
        "x·x has four elements. backward() needs one number, or a weight for each element; weights of 1 do what sum() does. With the weights \(weights):",
        "x·x 有四个元素。backward() 需要一个标量，或者给每个元素一个权重；权重全为 1 相当于 sum()。权重为 \(weights) 时：")
    lab.print(x.gradient!)
    lab.check("weighted", difference(2 * values * weights))

    // Cutting the graph: u counts as a constant, although it was computed from x.
    x.gradient = nil
    let square = x * x
    let u = square.detached()
    (u * x).sum().backward()
    lab.say(
        "z = u·x with u = (x·x).detached(): the gradient is u, not 3x².",
        "z = u·x，其中 u = (x·x).detached()：梯度是 u，而不是 3x²。")
    lab.print(x.gradient!)
    lab.check("detached", difference(u))
    x.gradient = nil
    square.sum().backward()
    lab.check("square", difference(2 * values))

    // What was recorded is what happened: loops and branches of Swift leave no trace but the operations themselves.
    func f(_ a: Parameter) -> Tensor {
        var b = a * 2
        while b.norm().item() < 1000 { b = b * 2 }
        return b.sum().item() > 0 ? b : b * 100
    }
    let a = Parameter(Tensor.normal([]))
    let d = f(a)
    d.backward()
    lab.say(
        "f doubles its argument until it reaches 1,000, and takes a negative result times 100: f(\(a.value.item(), decimals: 4)) = \(d.item(), decimals: 1). It is a times some number, so its gradient must be f(a)/a = \((d / a).item(), decimals: 0); backward() says \(a.gradient!.item(), decimals: 0).",
        "f 把自变量不断加倍直到 1000，结果为负时再乘 100：f(\(a.value.item(), decimals: 4)) = \(d.item(), decimals: 1)。它是 a 的常数倍，所以梯度应为 f(a)/a = \((d / a).item(), decimals: 0)；backward() 得到 \(a.gradient!.item(), decimals: 0)。"
    )
    lab.check("control", a.gradient! / (d.detached() / a.value))

    // The record is used up by backward(), unless it is to be kept.
    x.gradient = nil
    let z = x.squared().sum()
    z.backward(retainGraph: true)
    z.backward()
    lab.say(
        "backward() frees the record. To walk it twice, the first call says retainGraph: true; otherwise the second ends the program with a message, as backward() of several elements without weights does.",
        "backward() 之后计算图被释放。要走两次，第一次须写 retainGraph: true；否则第二次会报错并终止程序。对多个元素调用 backward() 而不给权重，也会报错。")
    lab.check("retained", difference(4 * values))
}
