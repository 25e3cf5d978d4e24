import Testing
import YuyanCore
import YuyanNN
import YuyanPlot

@Suite struct ComputationGraphTests {
    @Test func namesWhatIsComputedInTheSamePass() {
        let network = Sequential(Linear(inputSize: 3, outputSize: 2), ReLU())
        let text = Figure.computation(of: network(Tensor.zeros([4, 3]))).text()
        #expect(text.hasSuffix("linear, relu  [4, 2]\n"))
    }

    @Test func showsOperationsParametersAndConstants() throws {
        let network = Linear(inputSize: 3, outputSize: 2)
        let y = network(Tensor.zeros([4, 3])).relu()
        let figure = Figure.computation("linear", of: y, names: network.namedParameters())
        #expect(
            figure.text(TextStyle(usesUnicode: false)) == """
                linear
                0              weight    [2, 3]
                1              bias      [2]
                2              constant  [4, 3]
                3  <- 2, 0, 1  linear    [4, 2]
                4  <- 3        relu      [4, 2]

                """)
        let texts = try #require(Document(try figure.svg())).texts
        for text in ["weight", "[2, 3]", "linear", "relu"] { #expect(texts.contains(text)) }
    }
}
