import Testing
import YuyanBackend
import YuyanCore

/// The texts of the shape rules.
@Suite struct ShapeErrorTests {
    private func text(_ rule: () throws(ShapeError) -> Shape) -> String {
        do throws(ShapeError) { return "\(try rule())" } catch { return error.description }
    }

    @Test func broadcasting() {
        #expect(
            text { () throws(ShapeError) in try Op.Add.outputShape([2, 3, 4], [5, 4], ()) } == """
                add: shapes must broadcast: aligned at the last axis, sizes agree or one of them is 1
                  left  = [2, 3, 4]    axis 1 has 3
                  right = [5, 4]       axis 0 has 5
                """)
    }

    @Test func products() {
        #expect(
            text { () throws(ShapeError) in try Op.MatrixProduct.outputShape([2, 3], [5, 3], .init()) } == """
                matmul: the inner axes must agree
                  left […, m, k]  = [2, 3]    k = 3
                  right […, k, n] = [5, 3]    k = 5
                  a.matmul(b.transposed()) would fit
                """)
        #expect(
            text { () throws(ShapeError) in try Op.Linear.outputShape([8, 3], [5, 4], nil, nil) } == """
                linear: the input's last axis must equal the weight's inputs
                  input […, in]    = [8, 3]    in = 3
                  weight [out, in] = [5, 4]    in = 4
                """)
        #expect(
            text { () throws(ShapeError) in try Op.Linear.outputShape([8, 4], [5, 4], [4], nil) } == """
                linear: the bias must have one element for each output
                  weight [out, in] = [5, 4]
                  bias [out]       = [4]
                """)
    }

    @Test func convolutions() {
        func rule(_ x: Shape, _ weight: Shape, _ bias: Shape? = nil, groups: Int32 = 1) -> String {
            text { () throws(ShapeError) in
                try Op.Conv2D.outputShape(x, weight, bias, .init(geometry: .init(padding: [1, 1], groups: groups)))
            }
        }
        #expect(
            rule([8, 4, 28, 28], [16, 3, 3, 3]) == """
                conv2D: input channels must equal weight.shape[1] × groups
                  input [N, C, H, W]           = [8, 4, 28, 28]    C = 4
                  weight [O, C/groups, kH, kW] = [16, 3, 3, 3]     groups = 1 needs C = 3
                """)
        #expect(rule([4, 28, 28], [16, 3, 3, 3]).contains("conv2D: input and weight must have 4 axes"))
        #expect(rule([8, 4, 28, 28], [15, 2, 3, 3], groups: 2).contains("groups must divide the output channels"))
        #expect(rule([8, 3, 28, 28], [16, 3, 3, 3], [3]).contains("bias [O]"))
        #expect(rule([8, 3, 2, 28], [16, 3, 5, 5]).contains("the kernel must fit into the padded input"))
        #expect(rule([8, 3, 28, 28], [16, 3, 0, 5]).contains("conv2D: the kernel must have elements"))
        for (x, weight) in [([8, 3, 0, 5], [3, 2, 3, 3]), ([8, 3, 4, 5], [3, 2, 3, 0])] as [(Shape, Shape)] {
            #expect(
                text { () throws(ShapeError) in
                    try Op.ConvTranspose2D.outputShape(x, weight, nil, .init(), outputPadding: [0, 0])
                }.contains("convTranspose2D: input and kernel must have rows and columns"))
        }
    }

    @Test func pooling() {
        let window = PoolingGeometry(size: [5, 5], stride: [5, 5])
        #expect(
            text { () throws(ShapeError) in try Op.AvgPool2D.outputShape([2, 3, 4, 9], window) } == """
                avgPool2D: the window must fit into the padded input
                  input [N, C, H, W] = [2, 3, 4, 9]    padding = 0, 0
                  window [kH, kW]    = [5, 5]
                """)
        #expect(
            text { () throws(ShapeError) in try Op.MaxPool2D.outputShapes(Few([3, 4, 9]), window)[0] } == """
                maxPool2D: the input must have 4 axes
                  input [N, C, H, W] = [3, 4, 9]
                """)
    }

    @Test func losses() {
        #expect(
            text { () throws(ShapeError) in try Op.CrossEntropy.outputShape([8, 10], [8, 1], .mean) } == """
                crossEntropy: targets must have the shape of the logits without the class axis 1
                  logits [N, C, …] = [8, 10]
                  targets [N, …]   = [8, 1]
                """)
    }

    @Test func shapes() {
        #expect(
            text { () throws(ShapeError) in try Op.Reshape.outputShape([2, 3], .init([4])) } == """
                reshaped: both shapes must have the same number of elements
                  input  = [2, 3]    6 elements
                  wanted = [4]       4 elements
                """)
        #expect(
            text { () throws(ShapeError) in try Op.Permute.outputShape([2, 3], [0, 0]) } == """
                permuted: axes [0, 0] must name each axis once
                  input = [2, 3]
                """)
        #expect(
            text { () throws(ShapeError) in try Op.Broadcast.outputShape([2, 3], [3, 3]) }
                .hasPrefix("broadcast: sizes must agree with the wanted shape"))
        #expect(
            text { () throws(ShapeError) in try Op.SumTo.outputShape([2, 3], [2]) }
                .hasPrefix("summed: the wanted shape must broadcast to the input's"))
        #expect(
            text { () throws(ShapeError) in try Op.Concatenate.outputShapes(Few([2, 3], [2, 4]), 0)[0] } == """
                concatenate: shapes must agree on every axis but 0
                  tensor 0 = [2, 3]
                  tensor 1 = [2, 4]
                """)
    }

    @Test func reductionsAndIndices() {
        let options = ReductionOptions(axes: .all(rank: 1), keepsDimensions: false)
        #expect(
            text { () throws(ShapeError) in try Op.Largest.outputShape([0], options) } == """
                max: an empty axis has no max
                  input = [0]
                """)
        #expect(
            text { () throws(ShapeError) in try Op.Gather.outputShapes(Few([2, 3], [1, 1]), IndexedAxis(0))[0] }
                .hasPrefix("gathered: indices must have one axis"))
        #expect(
            text { () throws(ShapeError) in
                try Op.AssignSlice.outputShape([4], [3], Region(of: [4], axis: 0, from: 0, count: 2))
            } == """
                assign: the value must broadcast to the region
                  tensor = [4]
                  region = [2]
                  value  = [3]
                """)
        #expect(
            text { () throws(ShapeError) in try Op.Select.outputShapes(Few([2], [3], [3]), ())[0] }
                .hasPrefix("select: shapes must"))
    }
}
