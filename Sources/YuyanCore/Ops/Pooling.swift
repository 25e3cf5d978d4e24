import YuyanBackend

extension OperationFamily {
    package static let pooling = OperationFamily(
        "Pooling",
        [
            Op.MaxPool2D.entry, Op.AvgPool2D.entry, Op.AdaptiveMaxPool2D.entry, Op.AdaptiveAvgPool2D.entry,
            Op.AvgPool2DGradient.entry,
        ])
}

extension PoolingGeometry {
    /// The shape rule of both poolings.
    fileprivate func outputShape(_ name: String, _ x: Shape) throws(ShapeError) -> Shape {
        guard x.rank == 4 else {
            throw ShapeError(name, "the input must have 4 axes", [.init("input", axes: "[N, C, H, W]", x)])
        }
        if let windowCount {
            return Shape(samples: x[0], channels: x[1], height: Int(windowCount.x), width: Int(windowCount.y))
        }
        let window = (Int(size.x), Int(size.y))
        let counts = Size2D.windowCounts(
            (x[2], x[3]), kernel: window, stride: stride, padding: padding, dilation: dilation, roundsUp: roundsUp)
        guard counts.height > 0, counts.width > 0 else {
            throw ShapeError(
                name, "the window must fit into the padded input",
                [
                    .init("input", axes: "[N, C, H, W]", x, note: "padding = \(padding.x), \(padding.y)"),
                    .init(
                        "window", axes: "[kH, kW]", [window.0, window.1],
                        note: dilation == [1, 1] ? "" : "dilation = \(dilation.x), \(dilation.y)"),
                ])
        }
        return Shape(samples: x[0], channels: x[1], height: counts.height, width: counts.width)
    }
}

extension Op {
    package enum AvgPool2D: UnaryRule {
        package static let name = "avgPool2D"
        package static func outputShape(_ x: Shape, _ window: PoolingGeometry) throws(ShapeError) -> Shape {
            try window.outputShape(name, x)
        }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ window: PoolingGeometry) -> DeviceBuffer {
            x.device.backend.pool(.average, x, outputShape: shape, window).output
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ window: PoolingGeometry) -> Tensor {
            apply(Op.AvgPool2DGradient.self, g, .init(window: window, shape: saved.firstShape))
        }
        package static let entry = OperationEntry(
            name, "the mean of each window; padding counts as zeros, or not at all",
            swift: [
                "x.avgPool2D(kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0, roundsUp: Bool = false, countsPadding: Bool = true) -> Tensor"
            ],
            [
                Sample([.real([2, 3, 6, 8])], torch: "torch.nn.functional.avg_pool2d(a, 2)") {
                    $0[0].avgPool2D(kernelSize: 2)
                },
                Sample([.real([2, 3, 5, 7])], torch: "torch.nn.functional.avg_pool2d(a, (3, 2), (2, 1), (1, 0))") {
                    $0[0].avgPool2D(kernelSize: [3, 2], stride: [2, 1], padding: [1, 0])
                },
                Sample(
                    [.real([2, 3, 5, 7])], torch: "torch.nn.functional.avg_pool2d(a, 3, 2, 1, count_include_pad=False)"
                ) {
                    $0[0].avgPool2D(kernelSize: 3, stride: 2, padding: 1, countsPadding: false)
                },
                // The last windows reach beyond the padding; those elements never count.
                Sample([.real([2, 3, 7, 9])], torch: "torch.nn.functional.avg_pool2d(a, 2, ceil_mode=True)") {
                    $0[0].avgPool2D(kernelSize: 2, roundsUp: true)
                },
                Sample(
                    [.real([1, 16, 6, 8])], torch: "torch.nn.functional.avg_pool2d(a, 3, (2, 3), 1, ceil_mode=True)"
                ) {
                    $0[0].avgPool2D(kernelSize: 3, stride: [2, 3], padding: 1, roundsUp: true)
                },
                Sample(
                    [.real([1, 2, 6, 5])],
                    torch: "torch.nn.functional.avg_pool2d(a, 4, 3, 2, ceil_mode=True, count_include_pad=False)"
                ) {
                    $0[0].avgPool2D(kernelSize: 4, stride: 3, padding: 2, roundsUp: true, countsPadding: false)
                },
            ])
    }
}

extension Op {
    /// Spreads each element of g evenly over its window; linear, and the transpose of `AvgPool2D`.
    package enum AvgPool2DGradient: UnaryRule {
        package struct Options {
            var window: PoolingGeometry
            var shape: Shape
        }
        package static let name = "avgPool2DGradient"
        package static func outputShape(_ g: Shape, _ options: Options) -> Shape { options.shape }
        package static func forward(_ g: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            g.device.backend.poolGradient(.average, g, workspace: nil, inputShape: shape, options.window)
        }
        package static func gradient(_ gradient: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            apply(Op.AvgPool2D.self, gradient, options.window)
        }
        package static let entry = OperationEntry(
            name, "the gradient of avgPool2D",
            [
                Sample([.real([2, 3, 3, 4])], torch: "a.repeat_interleave(2, 2).repeat_interleave(2, 3) / 4") {
                    apply(
                        Op.AvgPool2DGradient.self, $0[0],
                        .init(window: .init(size: [2, 2], stride: [2, 2]), shape: [2, 3, 6, 8]))
                }
            ])
    }
}

extension Op {
    /// The largest element of each window.
    package enum MaxPool2D: GeneralRule {
        package static let name = "maxPool2D"

        package static func outputShapes(
            _ operands: Few<Shape?>, _ window: PoolingGeometry
        ) throws(ShapeError) -> Few<Shape> {
            Few(try window.outputShape(name, operands[0]!))
        }

        /// The workspace says for each window where in its plane the largest element lies.
        package static func forward(
            _ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ window: PoolingGeometry
        ) -> Computed {
            let x = operands[0]!
            let pooled = x.device.backend.pool(.maximum, x, outputShape: shapes[0], window)
            return Computed(pooled.output, workspace: pooled.workspace!)
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ window: PoolingGeometry
        ) -> Few<Tensor?> {
            let (g, workspace, shape) = (gradients[0]!, saved.workspaces[0], saved.shape(0))
            if !g.isRecorded {
                return Few(
                    Tensor(
                        g.backend.poolGradient(
                            .maximum, g.buffer, workspace: workspace, inputShape: shape, window)))
            }
            // The same as a sum at positions, which has a gradient.
            let planes = Tensor.arange(shape[0] * shape[1], device: g.device).reshaped([shape[0], shape[1], 1, 1])
            let chosen = Tensor(workspace).cast(to: .int64)
            // A window of padding alone has chosen −1.
            let positions = maximum(chosen, 0) + planes * (shape[2] * shape[3])
            let shares = (g * (chosen .>= 0).cast(to: g.dtype)).flattened()
            let sums = applyForOne(
                Op.ScatterAdd.self, Few(shares, positions.flattened()), .init(axis: 0, size: shape.elementCount))
            return Few(sums.reshaped(shape))
        }

        package static let entry = OperationEntry(
            name, "the largest element of each window; padding counts as −∞",
            swift: [
                "x.maxPool2D(kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0, dilation: Size2D = 1, roundsUp: Bool = false) -> Tensor"
            ],
            [
                Sample([.real([2, 3, 6, 8])], torch: "torch.nn.functional.max_pool2d(a, 2)") {
                    $0[0].maxPool2D(kernelSize: 2)
                },
                Sample([.real([2, 3, 5, 7], -3 ... -1)], torch: "torch.nn.functional.max_pool2d(a, 3, 2, 1)") {
                    $0[0].maxPool2D(kernelSize: 3, stride: 2, padding: 1)
                },
                Sample([.real([2, 3, 7, 9])], torch: "torch.nn.functional.max_pool2d(a, 2, ceil_mode=True)") {
                    $0[0].maxPool2D(kernelSize: 2, roundsUp: true)
                },
                Sample(
                    [.real([1, 16, 6, 8], -3 ... -1)], torch: "torch.nn.functional.max_pool2d(a, 3, 2, ceil_mode=True)"
                ) {
                    $0[0].maxPool2D(kernelSize: 3, stride: 2, roundsUp: true)
                },
                Sample(
                    [.real([2, 3, 8, 9])],
                    torch: "torch.nn.functional.max_pool2d(a, (3, 2), 2, 1, (2, 3), ceil_mode=True)"
                ) {
                    $0[0].maxPool2D(kernelSize: [3, 2], stride: 2, padding: 1, dilation: [2, 3], roundsUp: true)
                },
                Sample([.real([1, 2, 9, 7], -3 ... -1)], torch: "torch.nn.functional.max_pool2d(a, 3, 1, 1, 3)") {
                    $0[0].maxPool2D(kernelSize: 3, stride: 1, padding: 1, dilation: 3)
                },
            ])
    }
}

extension Op {
    package enum AdaptiveMaxPool2D {
        package static let entry = OperationEntry(
            "adaptiveMaxPool2D",
            "the largest element of each of H' × W' windows: rows ⌊i·H/H'⌋ ..< ⌈(i + 1)·H/H'⌉, columns likewise",
            swift: ["x.adaptiveMaxPool2D(outputSize: Size2D) -> Tensor"],
            [
                Sample([.real([2, 3, 6, 8])], torch: "\(torch)(a, (3, 2))") {
                    $0[0].adaptiveMaxPool2D(outputSize: [3, 2])
                },
                Sample([.real([2, 3, 7, 5], -3 ... -1)], torch: "\(torch)(a, (3, 4))") {
                    $0[0].adaptiveMaxPool2D(outputSize: [3, 4])
                },
                Sample([.real([1, 16, 2, 3])], torch: "\(torch)(a, (5, 2))") {
                    $0[0].adaptiveMaxPool2D(outputSize: [5, 2])
                },
            ])
        private static let torch = "torch.nn.functional.adaptive_max_pool2d"
    }

    package enum AdaptiveAvgPool2D {
        package static let entry = OperationEntry(
            "adaptiveAvgPool2D",
            "the mean of each of H' × W' windows: rows ⌊i·H/H'⌋ ..< ⌈(i + 1)·H/H'⌉, columns likewise",
            swift: ["x.adaptiveAvgPool2D(outputSize: Size2D) -> Tensor"],
            [
                Sample([.real([2, 3, 6, 8])], torch: "\(torch)(a, 1)") { $0[0].adaptiveAvgPool2D(outputSize: 1) },
                Sample([.real([2, 3, 6, 8])], torch: "\(torch)(a, (3, 2))") {
                    $0[0].adaptiveAvgPool2D(outputSize: [3, 2])
                },
                Sample([.real([2, 3, 7, 5])], torch: "\(torch)(a, (3, 4))") {
                    $0[0].adaptiveAvgPool2D(outputSize: [3, 4])
                },
                Sample([.real([1, 16, 2, 3])], torch: "\(torch)(a, (5, 2))") {
                    $0[0].adaptiveAvgPool2D(outputSize: [5, 2])
                },
            ])
        private static let torch = "torch.nn.functional.adaptive_avg_pool2d"
    }
}

extension TensorConvertible {
    /// The mean of each window of `[N, C, H, W]`; padding counts as zeros, unless `countsPadding` is false: then the mean is
    /// that of the elements of x in the window.
    ///
    /// - Parameters: kernelSize k; stride s, the window unless given; padding p, at most half the window; roundsUp says
    ///   that a last window, which begins before the end of x and its padding before it, may reach beyond the padding: what
    ///   lies there never counts.
    /// - Returns: `[N, C, H', W']`, H' = ⌊(H + 2p − k) / s⌋ + 1, or with ⌈ ⌉. Traps if the window does not fit.
    public func avgPool2D(
        kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0, roundsUp: Bool = false,
        countsPadding: Bool = true, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let window = poolingGeometry("avgPool2D", kernelSize, stride ?? kernelSize, padding, 1, roundsUp, file, line)
        let x = tensor.real()
        guard roundsUp || padding != 0 && !countsPadding else { return apply(Op.AvgPool2D.self, x, window, file, line) }
        return x.computedWide { x in
            let mean = apply(Op.AvgPool2D.self, x, window, file, line)
            return mean.scaled(by: window.wholeShares(of: x.shape, mean.shape, countsPadding: countsPadding))
        }
    }

    /// The largest element of each window of `[N, C, H, W]`; padding counts as −∞.
    ///
    /// - Parameters: kernelSize k; stride s, the window unless given; padding p, at most half the window; dilation d, above
    ///   0: how far apart the elements of a window lie; roundsUp says that a last window, which begins before the end of x
    ///   and its padding before it, may reach beyond the padding.
    /// - Returns: `[N, C, H', W']`, H' = ⌊(H + 2p − d(k − 1) − 1) / s⌋ + 1, or with ⌈ ⌉. Traps if the window does not fit.
    public func maxPool2D(
        kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0, dilation: Size2D = 1, roundsUp: Bool = false,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let window = poolingGeometry(
            "maxPool2D", kernelSize, stride ?? kernelSize, padding, dilation, roundsUp, file, line)
        return applyForOne(Op.MaxPool2D.self, Few(tensor.real()), window, file, line)
    }

    /// The mean of each of H' × W' windows that share `[N, C, H, W]` out evenly: rows ⌊i·H/H'⌋ ..< ⌈(i + 1)·H/H'⌉ for
    /// i = 0 ..< H', and columns likewise. An output size of 1 gives the mean of each channel.
    ///
    /// - Returns: `[N, C, H', W']` for an output size of H' × W', which may be larger than H × W. Traps unless it is above 0
    ///   and x has four axes, with rows and columns.
    public func adaptiveAvgPool2D(outputSize: Size2D, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor.real()
        let window = adaptiveGeometry("adaptiveAvgPool2D", outputSize, x.shape, file, line)
        guard window.windowCount != nil else { return apply(Op.AvgPool2D.self, x, window, file, line) }
        return x.computedWide { x in
            let sum = apply(Op.AvgPool2D.self, x, window, file, line)
            return sum.scaled(by: window.wholeShares(of: x.shape, sum.shape))
        }
    }

    /// The largest element of each of H' × W' windows that share `[N, C, H, W]` out evenly: rows
    /// ⌊i·H/H'⌋ ..< ⌈(i + 1)·H/H'⌉ for i = 0 ..< H', and columns likewise.
    ///
    /// - Returns: `[N, C, H', W']` for an output size of H' × W', which may be larger than H × W. Traps unless it is above 0
    ///   and x has four axes, with rows and columns.
    public func adaptiveMaxPool2D(outputSize: Size2D, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        let x = tensor.real()
        let window = adaptiveGeometry("adaptiveMaxPool2D", outputSize, x.shape, file, line)
        return applyForOne(Op.MaxPool2D.self, Few(x), window, file, line)
    }
}

extension Tensor {
    /// `[N, C, H, W]` with a factor for each row and one for each column.
    fileprivate func scaled(by factors: (rows: [Double], columns: [Double])) -> Tensor {
        // In double: with a factor for each place the result is rounded once more, not twice.
        let places = factors.rows.flatMap { row in factors.columns.map { row * $0 } }
        let shape: Shape = [factors.rows.count, factors.columns.count]
        return self * Tensor(places, shape: shape, dtype: dtype, device: device)
    }
}

extension PoolingGeometry {
    /// For each window along both axes, the size over the number of elements that count: what makes an average over the
    /// size one over those.
    fileprivate func wholeShares(of input: Shape, _ output: Shape, countsPadding: Bool = false)
        -> (rows: [Double], columns: [Double])
    {
        func shares(_ axis: Int) -> [Double] {
            let (whole, parts) = (input[2 + axis], output[2 + axis])
            let (k, s, p) = (Int(size[axis]), Int(stride[axis]), Int(padding[axis]))
            return (0..<parts).map { part in
                if windowCount != nil {
                    return Double(k) / Double(((part + 1) * whole + parts - 1) / parts - part * whole / parts)
                }
                let (begin, end) = (part * s - p, min(part * s - p + k, whole + p))
                return Double(k) / Double(countsPadding ? end - begin : min(end, whole) - max(begin, 0))
            }
        }
        return (shares(0), shares(1))
    }
}

/// Windows of one size where they share the input out without a rest.
private func adaptiveGeometry(
    _ name: String, _ outputSize: Size2D, _ x: Shape, _ file: StaticString, _ line: UInt
) -> PoolingGeometry {
    guard min(outputSize.height, outputSize.width) > 0 else {
        failure("\(name): outputSize must be above 0, not \(outputSize)", file, line)
    }
    guard x.rank == 4, min(x[2], x[3]) > 0 else {
        shapeFailure(
            ShapeError(
                name, "the input must have 4 axes, with rows and columns", [.init("input", axes: "[N, C, H, W]", x)]),
            file, line)
    }
    if x[2] % outputSize.height == 0, x[3] % outputSize.width == 0 {
        let size = Size2D(height: x[2] / outputSize.height, width: x[3] / outputSize.width).lanes
        return PoolingGeometry(size: size, stride: size)
    }
    return PoolingGeometry(windowCount: outputSize.lanes)
}

private func poolingGeometry(
    _ name: String, _ size: Size2D, _ stride: Size2D, _ padding: Size2D, _ dilation: Size2D, _ roundsUp: Bool,
    _ file: StaticString, _ line: UInt
) -> PoolingGeometry {
    let isValid = min(size.height, size.width, stride.height, stride.width, dilation.height, dilation.width) > 0
    let fits = 2 * padding.height <= size.height && 2 * padding.width <= size.width
    guard isValid, fits, min(padding.height, padding.width) >= 0 else {
        failure(
            """
            \(name): kernelSize, stride and dilation must be above 0, padding 0 to half the kernelSize
              kernelSize = \(size), stride = \(stride), padding = \(padding), dilation = \(dilation)
            """, file, line)
    }
    return PoolingGeometry(
        size: size.lanes, stride: stride.lanes, padding: padding.lanes, dilation: dilation.lanes, roundsUp: roundsUp)
}
