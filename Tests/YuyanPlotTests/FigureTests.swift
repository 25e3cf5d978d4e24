import Foundation
import Testing
import YuyanPlot
