"""What do the company's rules leave open for Purchasing, what is it set to here, and why?"""

from decimal import Decimal

# A comparison of prices needs three offers. It is the rulebook's own number, and the judge counts by it.
QUOTES_REQUIRED = 3

# In CNY, the whole request. The rules say that large purchases go to the general manager and name no amount. What is
# bought for one order line mostly costs less than this: the manager decides the daily business, and only what could
# hurt the company takes the general manager's time.
GENERAL_MANAGER_ABOVE = Decimal(50_000)
