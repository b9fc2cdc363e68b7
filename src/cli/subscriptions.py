"""`reglament subscriptions`: who hears of pages and alarms, and confirming a subscription so that no click ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import ClientError

from adapters.deployment.paging import TOPICS
from adapters.deployment.stack import Deployment, NoSuchStack
from adapters.deployment.subscriptions import BY_MAIL, Standing, Subscription, subscription_named, subscriptions_of
from cli import printing
from cli.deployed import deployment_of
from cli.options import Options
from cli.target import Failed, Misuse
from composition import AwsServices

_SAYS = {
    Standing.PENDING: "not confirmed: nothing is delivered",
    Standing.OPEN: "confirmed by a click: the link below each message ends it",
    Standing.PROTECTED: "confirmed",
}


def show(options: Options, services: AwsServices) -> int:
    """Print the subscriptions of the pages' and the operations' topics."""
    rows = []
    for name, one in _subscriptions(_deployment(options, services)):
        if options.json:
            printing.as_json(_told(name, one))
        else:
            wanted = printing.json_of(one.filter) if one.filter is not None else "everything"
            rows.append((name, one.protocol, one.endpoint, _SAYS[one.standing], "" if one.arn is None else wanted))
    printing.table(rows)
    if not rows and not options.json:
        print("there are no subscriptions")
    return 0


def confirm(options: Options, services: AwsServices, link: str, topic: str | None) -> int:
    """Confirm a subscription by the link or token of SNS's letter; twice is the same as once.

    Exit status 1 where SNS does not take the token, and where the subscription can still be ended by a click.
    """
    deployment = _deployment(options, services)
    given = _parts(link)
    arn = _topic(deployment, given.topic, topic)
    one = _confirmed(deployment, arn, given)
    if one.standing is Standing.OPEN:
        raise Failed(
            f"{one.endpoint} had been confirmed by a click before, and SNS keeps it so: the link below each message ends it. "
            f"Remove it: {deployment.aws(f'sns unsubscribe --subscription-arn {one.arn}')}; subscribe again: "
            f"{_subscribe(deployment, one)}; and confirm the new letter by this verb"
        )
    if options.json:
        printing.as_json(_told(_name(deployment, arn), one))
    else:
        print(f"{one.endpoint}: confirmed; ending it takes access to this account")
    return 0


def _confirmed(deployment: Deployment, topic: str, given: Given) -> Subscription:
    """Confirm the subscription and return it as it is now; raises Failed."""
    sns = deployment.client("sns")
    try:
        confirmed = sns.confirm_subscription(TopicArn=topic, Token=given.token, AuthenticateOnUnsubscribe="true")
    except ClientError as error:
        if "already confirmed" not in error.response["Error"].get("Message", ""):
            raise _refused(error, deployment, topic) from error
        # SNS does not say which: github.com/DataBiosphere/azul/pull/4194 shows this answer, an AuthorizationError.
        by_mail = [one for one in subscriptions_of(sns, topic) if one.protocol in BY_MAIL and one.delivers]
        same = [one for one in by_mail if given.endpoint in {None, one.endpoint}]
        if not same:
            raise Failed("SNS says that it is confirmed, and lists no such subscription: it was ended since") from error
        return next((one for one in same if one.standing is Standing.OPEN), same[0])
    return subscription_named(sns, confirmed["SubscriptionArn"])


def _deployment(options: Options, services: AwsServices) -> Deployment:
    deployment = deployment_of(options, services)
    try:
        _ = deployment.description
    except NoSuchStack as error:
        raise Failed(f"no stack {str(error)!r} in {deployment.region}; name another with --stack") from error
    return deployment


def _subscriptions(deployment: Deployment) -> Iterator[tuple[str, Subscription]]:
    for output, name in TOPICS.items():
        for one in subscriptions_of(deployment.client("sns"), deployment.output(output)):
            yield name, one


def _told(topic: str, one: Subscription) -> dict[str, object]:
    return {
        "topic": topic,
        "protocol": one.protocol,
        "endpoint": one.endpoint,
        "state": one.standing,
        "filter": one.filter,
        "arn": one.arn,
    }


# What was given --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """What a link says; a token alone says nothing else."""

    token: str
    topic: str | None = None
    endpoint: str | None = None


def _parts(link: str) -> Given:
    """Return what a link or a token alone says; raises Misuse. The link is not opened.

    `https://sns.<region>.amazonaws.com/confirmation.html?TopicArn=…&Token=…&Endpoint=…` in letters,
    `…/?Action=ConfirmSubscription&TopicArn=…&Token=…` in what SNS posts to a URL.
    """
    link = link.strip().strip("<>").replace("&amp;", "&")
    if "://" not in link:
        if not re.fullmatch(r"[0-9A-Za-z-]+", link):
            raise Misuse("found neither a link nor a token; copy the link of the letter that SNS sent, in quotes")
        return Given(link)
    given = {name.lower(): values for name, values in parse_qs(urlsplit(link).query).items()}
    token, topic = given.get("token", []), given.get("topicarn", [])
    if len(token) != 1 or len(topic) != 1:
        raise Misuse(
            "the link has no TopicArn or no Token: was it cut at the `&`? Put it in quotes, or give the token alone with --topic"
        )
    return Given(token[0], topic[0], next(iter(given.get("endpoint", [])), None))


def _topic(deployment: Deployment, of_link: str | None, given: str | None) -> str:
    """Return the ARN of the topic that is meant; raises Misuse where it is none of this stack's and was not named."""
    own = {name: deployment.output(output) for output, name in TOPICS.items()}
    wanted = own.get(given, given) if given is not None else None
    if wanted is not None and not wanted.startswith("arn:"):
        raise Misuse(f"--topic: found {given!r}, expected {' or '.join(own)}, or the ARN of a topic")
    if of_link is None and wanted is None:
        raise Misuse(f"a token alone does not name its topic; say --topic {' or --topic '.join(own)}")
    if of_link is not None and wanted is not None and of_link != wanted:
        raise Misuse(f"the link is of {of_link}, and --topic says {wanted}")
    topic = of_link or wanted
    assert topic is not None  # one of the two, by the above
    if topic not in own.values() and wanted is None:
        raise Misuse(
            f"the link is of {topic}, no topic of the stack {deployment.place.stack}. If you mean it: --topic {topic}"
        )
    return topic


def _name(deployment: Deployment, arn: str) -> str:
    return next((name for output, name in TOPICS.items() if deployment.output(output) == arn), arn)


# What SNS answers ------------------------------------------------------------------------------------------


def _refused(error: ClientError, deployment: Deployment, topic: str) -> Exception:
    """Return what to raise where SNS does not confirm: sns/latest/api/API_ConfirmSubscription.html, Errors."""
    code = error.response["Error"]["Code"]
    if code in {"InvalidParameter", "InvalidParameterException"}:
        letters = [one for one in subscriptions_of(deployment.client("sns"), topic) if one.standing is Standing.PENDING]
        again = "; ".join(_subscribe(deployment, one) for one in letters)
        return Failed(
            "SNS does not take this token: it is valid for two days, and only the one of the latest letter. "
            + (f"For a new letter: {again}" if again else "No subscription of this topic waits to be confirmed")
        )
    if code in {"NotFound", "NotFoundException"}:
        return Failed(f"there is no topic {topic} any more: the letter is of an earlier stack")
    return error


def _subscribe(deployment: Deployment, one: Subscription) -> str:
    wanted = f" --attributes '{printing.json_of({'FilterPolicy': printing.json_of(one.filter)})}'" if one.filter else ""
    return deployment.aws(
        f"sns subscribe --topic-arn {one.topic} --protocol {one.protocol} --notification-endpoint {one.endpoint}{wanted}"
    )
