import Testing
import Yuyan

@Suite struct ModelTests {
    /// CURRICULUM lenet: shapes of every layer and the number of parameters.
    @Test func shapesOfLeNet() {
        var x = Tensor.normal([1, 1, 28, 28])
        var shapes: [String] = []
        for layer in makeLeNet() {
            x = layer(x)
            shapes.append("\(type(of: layer)) \(x.shape)")
        }
        #expect(
            shapes == [
                "Reshape [1, 1, 28, 28]", "Conv2D [1, 6, 28, 28]", "Sigmoid [1, 6, 28, 28]", "AvgPool2D [1, 6, 14, 14]",
                "Conv2D [1, 16, 10, 10]", "Sigmoid [1, 16, 10, 10]", "AvgPool2D [1, 16, 5, 5]", "Flatten [1, 400]",
                "Linear [1, 120]", "Sigmoid [1, 120]", "Linear [1, 84]", "Sigmoid [1, 84]", "Linear [1, 10]",
            ])
    }

    @Test func parameterCounts() {
        #expect(makeLeNet().parameterCount == 61_706)
        #expect(makeMLP().parameterCount == 203_530)
        #expect(makeSoftmaxRegression().parameterCount == 7_850)
        #expect(makeLinearRegression().parameterCount == 3)
    }
}
