import Yuyan

/// The convolution as a layer: shapes, the same by loops, and its gradients.
let conv2DLayer: Lab = Lab(
    "conv2d-layer", "A convolutional layer", "卷积层",
    book: "6.3", note: .convolutionsAndTranslation, part: "Task05",
    claims: [
        Claim("output", "output of [4, 2, 3, 5]: [4, 3, 3, 5]", "[4, 2, 3, 5] 的输出为 [4, 3, 3, 5]", .yes),
        Claim("weight", "weight: [3, 2, 3, 5], bias: [3]", "权重为 [3, 2, 3, 5]，偏置为 [3]", .yes),
        Claim("loops", "largest distance from the loops", "与循环实现的最大差", .below(1e-5)),
        Claim("strided", "with strides and without padding: the same", "有步幅、无填充时：同上", .below(1e-5)),
        // In float64, central differences of a square with step 1e-3 are right to about 1e-10.
        Claim("x", "gradient of the input: distance from differences", "输入的梯度与差分之差", .below(1e-7)),
        Claim("w", "gradient of the weight: the same", "权重的梯度：同上", .below(1e-7)),
        Claim("b", "gradient of the bias: the same", "偏置的梯度：同上", .below(1e-7)),
        Claim("scratch", "the layer from scratch: distance from conv2D", "从零实现的层与 conv2D 之差", .below(1e-5)),
    ],
    figures: ["layer"]
) { lab in
    let x = Tensor.uniform([4, 2, 3, 5])
    let layer = Conv2D(inputChannels: 2, outputChannels: 3, kernelSize: [3, 5], padding: [1, 2])
    let y = layer(x)
    lab.say("The tensors of the layer \(layer.details):", "下面这一层的各个张量：\(layer.details)")
    lab.table(
        [Words("tensor", "张量"), Words("shape", "形状"), Words("axes", "轴")],
        [
            [Words("input", "输入"), "\(x.shape)", Words("samples, channels, height, width", "样本、通道、高、宽")],
            [
                Words("weight", "权重"), "\(layer.weight.shape)",
                Words("channels out, channels in, height, width", "输出通道、输入通道、高、宽"),
            ],
            [Words("bias", "偏置"), "\(layer.bias!.shape)", Words("channels out", "输出通道")],
            [Words("output", "输出"), "\(y.shape)", Words("padding 1 and 2 keep height and width", "填充 1 和 2 使高和宽不变")],
        ])
    lab.check("output", Array(y.shape) == [4, 3, 3, 5])
    lab.check("weight", Array(layer.weight.shape) == [3, 2, 3, 5] && Array(layer.bias!.shape) == [3])
    lab.show("layer") { t in
        .images(
            t("Random weights: the kernels of input channel 0", "随机的权重：输入通道 0 的三个核"), layer.weight.value[0..<3, 0],
            captions: (0..<3).map { t("to output channel \($0)", "到输出通道 \($0)") }, range: nil)
    }

    // By loops: y[n, o, i, j] = b[o] + Σ over channels c and window (u, v), where what lies outside the picture is zero.
    func convolution(
        _ x: Tensor, _ weight: Tensor, _ bias: Tensor, stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0)
    ) -> Tensor {
        let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let (o, kh, kw) = (weight.shape[0], weight.shape[2], weight.shape[3])
        var padded = Tensor.zeros([n, c, h + 2 * padding.0, w + 2 * padding.1])
        padded[0..<n, 0..<c, padding.0..<(padding.0 + h), padding.1..<(padding.1 + w)] = x
        let (rows, columns) = ((h + 2 * padding.0 - kh) / stride.0 + 1, (w + 2 * padding.1 - kw) / stride.1 + 1)
        var y = Tensor.zeros([n, o, rows, columns])
        for i in 0..<rows {
            for j in 0..<columns {
                let (top, left) = (i * stride.0, j * stride.1)
                let window = padded[0..<n, 0..<c, top..<(top + kh), left..<(left + kw)].flattened(from: 1)
                y[0..<n, 0..<o, i, j] = window.matmul(weight.flattened(from: 1).transposed()) + bias
            }
        }
        return y
    }
    let (w, b) = (layer.weight.value, layer.bias!.value)
    lab.check("loops", (convolution(x, w, b, padding: (1, 2)) - y).abs().max())
    let picture = Tensor.uniform([2, 2, 9, 14])
    let strided = conv2D(picture, weight: w, bias: b, stride: [2, 3])
    lab.say(
        "The same by loops agrees. With strides 2 and 3, \(picture.shape) gives \(strided.shape).",
        "用循环写的同一运算结果一致。步幅取 2 和 3 时，\(picture.shape) 的输出为 \(strided.shape)。")
    lab.check("strided", (convolution(picture, w, b, stride: (2, 3)) - strided).abs().max())

    // Gradients: what L = ½ Σ y² gains when one element grows by a little.
    let values = [x, w, b].map { Parameter($0.cast(to: .float64)) }
    func loss(_ values: [Tensor]) -> Tensor {
        conv2D(values[0], weight: values[1], bias: values[2], padding: [1, 2]).squared().sum() / 2
    }
    (conv2D(values[0], weight: values[1], bias: values[2], padding: [1, 2]).squared().sum() / 2).backward()
    let distances = (0..<3).map { index -> Double in
        let elements = values[index].value.flattened().array(of: Double.self)
        let differences = elements.indices.map { place -> Double in
            let ends = [1e-3, -1e-3].map { step -> Double in
                var moved = elements
                moved[place] += step
                var tensors = values.map(\.value)
                tensors[index] = Tensor(moved, dtype: .float64).reshaped(Array(tensors[index].shape))
                return loss(tensors).item()
            }
            return (ends[0] - ends[1]) / 2e-3
        }
        let gradient = values[index].gradient!.flattened().array(of: Double.self)
        return zip(gradient, differences).map { abs($0 - $1) }.max()!
    }
    lab.say(
        "Each of the \(values.map { $0.elementCount }.reduce(0, +)) elements of input, weight and bias, moved by ±0.001: what the loss gains beside the gradient differs by \(distances.max()!, digits: 2) at most.",
        "把输入、权重和偏置的 \(values.map { $0.elementCount }.reduce(0, +)) 个元素逐个移动 ±0.001：损失的变化率与梯度最多相差 \(distances.max()!, digits: 2)。"
    )
    for (name, distance) in zip(["x", "w", "b"], distances) { lab.check(name, distance) }

    // A layer of one's own: its parameters, and what it does, here window by window.
    final class OwnConvolution: Layer {
        let weight = Parameter(Tensor.uniform([3, 3]))
        let bias = Parameter(Tensor.zeros([]))
        override func forward(_ x: Tensor) -> Tensor {
            let places = (0..<(x.shape[0] - 2)).map { i in
                (0..<(x.shape[1] - 2)).map { j in (x[i..<(i + 3), j..<(j + 3)] * weight).sum() }
            }
            return stack(places.map { stack($0) }) + bias
        }
    }
    let (own, image) = (OwnConvolution(), Tensor.uniform([6, 6]))
    let library = conv2D(image.reshaped([1, 1, 6, 6]), weight: own.weight.value.reshaped([1, 1, 3, 3]))
    lab.check("scratch", (own(image) - library.squeezed()).abs().max())
    own(image).sum().backward()
    lab.say(
        "A layer from scratch, with weights from U[0, 1) and a bias of 0, gives what the library gives. Its parameters get gradients: that of the bias is \(own.bias.gradient!.item(), decimals: 0), once for each of the 4 × 4 outputs.",
        "从零实现的层（权重取自 U[0, 1)，偏置为 0）与库的结果相同。它的参数也有梯度：偏置的梯度是 \(own.bias.gradient!.item(), decimals: 0)，4 × 4 个输出各贡献 1。")
}
